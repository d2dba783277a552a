package io.sluice.proxy.protocol.memcache;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.sluice.proxy.command.Command;
import io.sluice.proxy.protocol.Request;

/**
 * The keys of gets that are one get on the wire, each of them once: of two equal ones memcached could find the second
 * only, set meanwhile by another thread of it, and nothing would tell which of the two the value is for. Reused.
 * Event-loop only.
 */
final class JoinedKeys {

    /** Most gets that become one. */
    static final int MAX_KEYS = 64;

    /** All keys together; with the spaces between them the line stays below memcached's usual 2048 bytes. */
    static final int MAX_BYTES = 1900;

    private static final int FIRST_BYTES = 256;

    private final ByteBuf bytes = Unpooled.buffer(FIRST_BYTES, MAX_BYTES);
    private final int[] ends = new int[MAX_KEYS];
    private final long[] tails = new long[MAX_KEYS]; // the last bytes of each key, in which most keys differ
    private Command command;
    private long first;
    private int count;

    JoinedKeys(Command command) {
        this.command = command;
    }

    /** Begins anew with the key of the request of that number. */
    void begin(Command row, long number, Request request) {
        command = row;
        first = number;
        count = 0;
        bytes.clear();
        add(request);
    }

    /** Whether the next request of this command may be one of these. */
    boolean mayTake(Command row, Request request) {
        return row == command
                && count < MAX_KEYS
                && bytes.readableBytes() + request.length(1) <= MAX_BYTES
                && !contains(request);
    }

    private boolean contains(Request request) {
        long tail = tail(request);
        for (int i = 0; i < count; i++) {
            if (tails[i] == tail && isKey(i, request.buffer(), request.index(1), request.length(1))) {
                return true;
            }
        }
        return false;
    }

    private static long tail(Request request) {
        return request.wordAt(1, Math.max(0, request.length(1) - Long.BYTES));
    }

    void add(Request request) {
        bytes.writeBytes(request.buffer(), request.index(1), request.length(1));
        ends[count] = bytes.writerIndex();
        tails[count] = tail(request);
        count++;
    }

    int count() {
        return count;
    }

    /** The number of the request whose key is the first. */
    long first() {
        return first;
    }

    /** The number behind that of the last one. */
    long end() {
        return first + count;
    }

    /** The place of a key among these from {@code from} on; -1 if it is none of them. */
    int find(ByteBuf in, int start, int length, int from) {
        for (int i = from; i < count; i++) {
            if (isKey(i, in, start, length)) {
                return i;
            }
        }
        return -1;
    }

    private boolean isKey(int place, ByteBuf in, int start, int length) {
        int begin = place == 0 ? 0 : ends[place - 1];
        return ends[place] - begin == length && ByteBufUtil.equals(bytes, begin, in, start, length);
    }
}
