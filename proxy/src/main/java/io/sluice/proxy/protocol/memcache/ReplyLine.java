package io.sluice.proxy.protocol.memcache;

import io.netty.buffer.ByteBuf;
import io.sluice.proxy.protocol.ProtocolException;

/** The lines that a server may say, without their CRLF. */
enum ReplyLine {
    VALUE("VALUE "),
    END("END"),
    STORED("STORED"),
    NOT_STORED("NOT_STORED"),
    EXISTS("EXISTS"),
    NOT_FOUND("NOT_FOUND"),
    DELETED("DELETED"),
    TOUCHED("TOUCHED"),
    ERROR("ERROR"),
    CLIENT_ERROR("CLIENT_ERROR"),
    SERVER_ERROR("SERVER_ERROR"),
    /** From here on: what meta commands bring, which the proxy itself sends while keys change their server. */
    META_VALUE("VA "),
    META_NOTHING("EN"),
    META_DONE("HD"),
    META_NOT_FOUND("NF"),
    META_NOT_STORED("NS"),
    META_CHANGED("EX"),
    /** Behind one of the four lines before. */
    VERSION(" c");

    /** Longest value: what fits into an int, and memcached's own largest is 1 GiB. */
    private static final long MAX_VALUE_BYTES = Integer.MAX_VALUE - 2;

    private static final String FIRST_BYTES = "VESNDTCH0123456789";

    private final String text;

    ReplyLine(String text) {
        this.text = text;
    }

    static boolean mayBegin(byte first) {
        return FIRST_BYTES.indexOf(first) >= 0;
    }

    boolean is(ByteBuf in, int start, int end) {
        return end - start == text.length() && begins(in, start, end);
    }

    boolean begins(ByteBuf in, int start, int end) {
        if (end - start < text.length()) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            if (in.getByte(start + i) != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** What a meta command brings that has no value, and may have been asked to tell the version. */
    boolean isMeta(ByteBuf in, int start, int end) {
        return is(in, start, end) || (begins(in, start, end) && VERSION.begins(in, start + text.length(), end));
    }

    /** The index of the version that is told there; {@code end} if none is. */
    int versionIn(ByteBuf in, int start, int end) {
        return is(in, start, end) ? end : start + text.length() + VERSION.text.length();
    }

    /** Whether it is a whole reply to a classic command. */
    static boolean isReply(ByteBuf in, int start, int end) {
        if (start == end) {
            return false;
        }
        return switch (in.getByte(start)) {
            case 'E' -> END.is(in, start, end) || EXISTS.is(in, start, end) || ERROR.begins(in, start, end);
            case 'S' -> STORED.is(in, start, end) || SERVER_ERROR.begins(in, start, end);
            case 'N' -> NOT_FOUND.is(in, start, end) || NOT_STORED.is(in, start, end);
            case 'D' -> DELETED.is(in, start, end);
            case 'T' -> TOUCHED.is(in, start, end);
            case 'C' -> CLIENT_ERROR.begins(in, start, end);
            default -> isNumber(in, start, end);
        };
    }

    /** Whether it is a whole reply to a meta command. */
    static boolean isMetaReply(ByteBuf in, int start, int end) {
        return META_DONE.isMeta(in, start, end)
                || META_NOTHING.is(in, start, end)
                || META_CHANGED.isMeta(in, start, end)
                || META_NOT_FOUND.isMeta(in, start, end)
                || META_NOT_STORED.isMeta(in, start, end);
    }

    /** Whether it is the last line of a reply that had values: END, or an error that came in between. */
    static boolean endsValues(ByteBuf in, int start, int end) {
        return END.is(in, start, end) || isError(in, start, end);
    }

    static boolean isError(ByteBuf in, int start, int end) {
        return ERROR.begins(in, start, end)
                || SERVER_ERROR.begins(in, start, end)
                || CLIENT_ERROR.begins(in, start, end);
    }

    /** What incr and decr bring; old servers put spaces behind it. */
    private static boolean isNumber(ByteBuf in, int start, int end) {
        int last = end;
        while (last > start && in.getByte(last - 1) == ' ') {
            last--;
        }
        for (int i = start; i < last; i++) {
            if (in.getByte(i) < '0' || in.getByte(i) > '9') {
                return false;
            }
        }
        return last > start;
    }

    /** Reads the length from {@code VALUE key flags bytes} or {@code VALUE key flags bytes unique}. */
    static long valueBytes(ByteBuf in, int start, int end) throws ProtocolException {
        int key = start + VALUE.text.length();
        int flags = nextWord(in, key, end);
        return length(in, nextWord(in, flags, end), end);
    }

    /** Reads the length from {@code VA bytes} and what may follow. */
    static long metaValueBytes(ByteBuf in, int start, int end) throws ProtocolException {
        return length(in, start + META_VALUE.text.length(), end);
    }

    private static long length(ByteBuf in, int bytes, int end) throws ProtocolException {
        long value = 0;
        int index = bytes;
        for (; index < end && in.getByte(index) != ' '; index++) {
            int digit = in.getByte(index) - '0';
            value = value * 10 + digit;
            if (digit < 0 || digit > 9 || value > MAX_VALUE_BYTES) {
                throw new ProtocolException("the length of a value is no number up to " + MAX_VALUE_BYTES);
            }
        }
        if (index == bytes) {
            throw new ProtocolException("a value without its length");
        }
        return value;
    }

    /** The index behind the next space; {@code end} if there is none. */
    static int nextWord(ByteBuf in, int from, int end) {
        int space = in.indexOf(from, end, (byte) ' ');
        return space < 0 ? end : space + 1;
    }

    /** The index behind the key of a VALUE line. */
    static int keyEnd(ByteBuf in, int start, int end) {
        return Math.max(start + VALUE.text.length(), nextWord(in, start + VALUE.text.length(), end) - 1);
    }

    static int keyStart(int start) {
        return start + VALUE.text.length();
    }
}
