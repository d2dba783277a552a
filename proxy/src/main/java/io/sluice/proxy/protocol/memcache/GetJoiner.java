package io.sluice.proxy.protocol.memcache;

import io.sluice.proxy.command.Command;
import io.sluice.proxy.protocol.ReplyDecoder;
import io.sluice.proxy.protocol.Request;
import io.sluice.proxy.protocol.RequestJoiner;
import io.sluice.proxy.transport.OutBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Joins gets of one key, and gets' of one key, each with its like: memcached sends a packet for each get.
 *
 * <pre>
 *   get a, get b, get c         in the out buffer:  get a\r\n ─▶ get a b\r\n ─▶ get a b c\r\n
 *   set x ..., get d                                set x ...    get d\r\n
 * </pre>
 *
 * A get is always complete in the out buffer; the next one takes its line end back, as long as nothing else was
 * appended and nothing of it was taken. So nothing waits for more to come, and the order on the connection stays.
 */
final class GetJoiner implements RequestJoiner {

    private static final byte[] LINE_END = "\r\n".getBytes(StandardCharsets.US_ASCII);

    /** Used again; more of them are in flight only where a server is slow. */
    private static final int MOST_SPARE = 16;

    private final LongSupplier oldest;
    private final JoinedReplyDecoder replies;
    private final ArrayDeque<JoinedKeys> inFlight = new ArrayDeque<>(); // two keys or more each; oldest first
    private final ArrayDeque<JoinedKeys> spare = new ArrayDeque<>();
    private @Nullable JoinedKeys open; // the newest get
    private long openEnd; // in bytes appended
    private boolean givenUp;

    GetJoiner(LongSupplier oldest) {
        this.oldest = oldest;
        this.replies = new JoinedReplyDecoder(this);
    }

    @Override
    public ReplyDecoder replies() {
        return replies;
    }

    @Override
    public boolean append(Request request, long number, OutBuffer out) {
        Command command = request.command();
        if (command == null || !MemcacheCommands.isJoinable(command, request) || givenUp) {
            request.appendTo(out);
            return false;
        }
        boolean joined = join(command, request, out);
        if (!joined) {
            request.appendTo(out);
            begin(command, number, request);
        }
        openEnd = out.appended();
        return joined;
    }

    private boolean join(Command command, Request request, OutBuffer out) {
        JoinedKeys keys = open;
        if (keys == null || out.appended() != openEnd || !keys.mayTake(command, request) || !reopen(request, out)) {
            return false;
        }
        out.append(request.buffer(), request.index(1) - 1, 1 + request.length(1) + LINE_END.length);
        keys.add(request);
        if (keys.count() == 2) {
            inFlight.add(keys);
        }
        return true;
    }

    private static boolean reopen(Request request, OutBuffer out) {
        return out.takeBack(LINE_END.length, 1 + request.length(1) + LINE_END.length);
    }

    private void begin(Command command, long number, Request request) {
        JoinedKeys keys = open;
        if (keys == null || keys.count() > 1) { // else it was one get, and is done with
            keys = spare.poll();
        }
        if (keys == null) {
            keys = new JoinedKeys(command);
        }
        keys.begin(command, number, request);
        open = keys;
    }

    /** Those among which is the oldest request that awaits its reply; null if it is by itself. */
    @Nullable JoinedKeys awaited() {
        JoinedKeys keys = inFlight.peek();
        if (keys == null) {
            return null;
        }
        long number = oldest.getAsLong();
        while (keys != null && keys.end() <= number) {
            drop(inFlight.remove());
            keys = inFlight.peek();
        }
        return keys == null || number < keys.first() ? null : close(keys);
    }

    /** A server that answers before it is asked must not find more of them on its second word. */
    private JoinedKeys close(JoinedKeys keys) {
        if (keys == open) {
            open = null;
        }
        return keys;
    }

    private void drop(JoinedKeys keys) {
        close(keys);
        if (spare.size() < MOST_SPARE) {
            spare.add(keys);
        }
    }

    /**
     * The server is none of those that bring values in the order of their keys, such as another proxy; from now on each
     * get goes by itself.
     */
    void giveUp() {
        givenUp = true;
        open = null;
    }

    /** The place of the oldest request among these keys. */
    int place(JoinedKeys keys) {
        return (int) (oldest.getAsLong() - keys.first());
    }

    @Override
    public void forget() {
        open = null;
        inFlight.clear();
    }
}
