package io.sluice.proxy.protocol.memcache;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.proxy.command.Command;
import io.sluice.proxy.protocol.CacheOutcome;
import io.sluice.proxy.protocol.CacheUse;
import io.sluice.proxy.protocol.CacheWords;
import io.sluice.proxy.protocol.CachedValue;
import io.sluice.proxy.protocol.CachedValue.State;
import io.sluice.proxy.protocol.ProtocolException;
import io.sluice.proxy.protocol.Request;
import io.sluice.proxy.transport.OutBuffer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * memcached's meta commands, as far as they are needed where a key may be on either of two servers. Source: memcached,
 * doc/protocol.txt, "Meta Commands".
 *
 * <pre>
 *   mg k f t c v N3      VA 5 f0 t60 c7\r\n hello        a value, its flags, seconds left, version
 *                        VA 0 f0 t-1 c8 W                nothing, and the place is ours: an empty value stands there now
 *                        VA 0 f0 t3 c8 Z                 nothing, and the place is another's
 *                        EN                              nothing (without N)
 *   ms k 5 T60 F0 C8 c   HD c9 | EX, NF                  filled, and its version now | somebody has written, deleted
 *   ms k 5 MA C9 c       HD c10 | EX, NS                 appended (MP: put in front) | as above; "c0" may stand behind these
 *   md k C7              HD | EX, NF                     removed | another version, nothing
 * </pre>
 *
 * To a classic get, append or touch the empty value of a claim is a value. So while claims are made all proxies ask in this
 * way, and change nothing but the version that they have found. A touch is a value stored anew: mg takes no version.
 */
final class TextCacheWords implements CacheWords {

    static final TextCacheWords WORDS = new TextCacheWords();

    private static final byte[] END = ascii("END\r\n");
    private static final byte[] STORED = ascii("STORED\r\n");
    private static final byte[] TOUCHED = ascii("TOUCHED\r\n");
    private static final byte[] DELETED = ascii("DELETED\r\n");
    private static final byte[] LINE_END = ascii("\r\n");

    /** Longest time to live that is not taken for a date. */
    private static final long MOST_SECONDS = 60 * 60 * 24 * 30;

    private static final int FLAGS = 2; // words of an add
    private static final int EXPIRATION = 3;
    private static final int BYTES = 4;

    private TextCacheWords() {}

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public CacheUse use(Command command) {
        return switch (command.name()) {
            case "get" -> CacheUse.READ;
            case "set" -> CacheUse.REPLACE;
            case "add" -> CacheUse.ADD;
            case "delete" -> CacheUse.REMOVE;
            case "gets" -> CacheUse.READ_VERSION;
            case "incr", "decr", "cas" -> CacheUse.CHECKED_CHANGE; // a claim is no number, and has a version of its own
            default -> CacheUse.CHANGE;
        };
    }

    @Override
    public byte[] single(Request request, int keyArgument) {
        Command command = request.command();
        if (command == null || command.keys().isSingle()) {
            return request.bytes();
        }
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < command.keys().first(); i++) {
            line.append(request.text(i)).append(' ');
        }
        return line.append(request.text(keyArgument)).append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    // ---- reading

    @Override
    public void appendLook(byte[] key, boolean claim, OutBuffer out) {
        out.append("mg ");
        out.append(key);
        out.append(" f t c v");
        if (claim) {
            out.append(" N" + CLAIM_SECONDS);
        }
        out.append(LINE_END);
    }

    @Override
    public CachedValue cached(ByteBuf reply, int offset, int length) {
        int newline = reply.indexOf(offset, offset + length, (byte) '\n');
        if (newline <= offset) {
            return CachedValue.without(State.FAILED, 0);
        }
        int end = newline - 1;
        if (ReplyLine.META_VALUE.begins(reply, offset, end)) {
            return value(reply, offset, end, newline + 1);
        }
        if (ReplyLine.META_NOTHING.is(reply, offset, end)) {
            return CachedValue.without(State.NOTHING, 0);
        }
        return CachedValue.without(ReplyLine.ERROR.is(reply, offset, end) ? State.NOT_UNDERSTOOD : State.FAILED, 0);
    }

    private static CachedValue value(ByteBuf reply, int start, int end, int value) {
        int length;
        try {
            length = (int) ReplyLine.metaValueBytes(reply, start, end);
        } catch (ProtocolException e) {
            return CachedValue.without(State.FAILED, 0);
        }
        long flags = 0;
        long secondsLeft = CachedValue.FOR_EVER;
        long version = 0;
        State claim = State.VALUE;
        int word = ReplyLine.nextWord(reply, start + 3, end); // behind the length
        while (word < end) {
            int wordEnd = wordEnd(reply, word, end);
            switch (reply.getByte(word)) {
                case 'f' -> flags = number(reply, word + 1, wordEnd);
                case 't' -> secondsLeft = secondsLeft(reply, word + 1, wordEnd);
                case 'c' -> version = number(reply, word + 1, wordEnd);
                case 'W' -> claim = State.CLAIMED;
                case 'Z' -> claim = State.CLAIMED_BY_OTHER;
                default -> {} // what newer servers tell besides
            }
            word = ReplyLine.nextWord(reply, word, end);
        }
        return claim != State.VALUE && length == 0
                ? CachedValue.without(claim, version)
                : new CachedValue(State.VALUE, value, length, flags, secondsLeft, version);
    }

    private static long secondsLeft(ByteBuf in, int start, int end) {
        return start < end && in.getByte(start) == '-' ? CachedValue.FOR_EVER : number(in, start, end);
    }

    /** Unsigned, so that it may be larger than a long's largest. */
    private static long number(ByteBuf in, int start, int end) {
        long number = 0;
        for (int i = start; i < end; i++) {
            number = number * 10 + (in.getByte(i) - '0');
        }
        return number;
    }

    @Override
    public byte[] beforeValue(byte[] key, CachedValue value) {
        String name = new String(key, StandardCharsets.ISO_8859_1);
        String line = "VALUE " + name + " " + Long.toUnsignedString(value.flags()) + " " + value.length() + "\r\n";
        return line.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Override
    public byte[] behindValue() {
        return END.clone();
    }

    @Override
    public void appendPlainLook(byte[] key, OutBuffer out) {
        out.append("get ");
        out.append(key);
        out.append(LINE_END);
    }

    @Override
    public boolean isNothing(ByteBuf reply, int offset, int length) {
        return says(ReplyLine.END, reply, offset, length);
    }

    // ---- writing

    @Override
    public void appendRemoval(byte[] key, OutBuffer out) {
        out.append("delete ");
        out.append(key);
        out.append(LINE_END);
    }

    @Override
    public void appendRemoval(byte[] key, long version, OutBuffer out) {
        out.append("md ");
        out.append(key);
        out.append(" C" + Long.toUnsignedString(version));
        out.append(LINE_END);
    }

    @Override
    public void appendFill(byte[] key, CachedValue value, ByteBuffer bytes, long version, OutBuffer out) {
        long left = value.secondsLeft() == CachedValue.FOR_EVER ? 0 : Math.min(value.secondsLeft(), MOST_SECONDS);
        appendStored(key, Long.toString(left), value, bytes, version, out);
    }

    private static void appendStored(
            byte[] key, String expiration, CachedValue value, ByteBuffer bytes, long version, OutBuffer out) {
        String how = "T" + expiration + " F" + Long.toUnsignedString(value.flags());
        appendConditional(key, value.length(), how, version, out);
        out.append(copy(bytes));
        out.append(LINE_END);
    }

    private static byte[] copy(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        return copy;
    }

    private static void appendConditional(byte[] key, int length, String how, long version, OutBuffer out) {
        out.append("ms ");
        out.append(key);
        out.append(" " + length + " " + how + " C" + Long.toUnsignedString(version) + " c");
        out.append(LINE_END);
    }

    @Override
    public void appendOver(byte[] add, long version, OutBuffer out) {
        appendOver(add, line(add), version, out);
    }

    private static void appendOver(byte[] request, String[] line, long version, OutBuffer out) {
        appendValueOf(request, line, "T" + line[EXPIRATION] + " F" + line[FLAGS], version, out);
    }

    /** The value stands behind the request's line. */
    private static void appendValueOf(byte[] request, String[] line, String how, long version, OutBuffer out) {
        int length = Integer.parseInt(line[BYTES]);
        appendConditional(line[1].getBytes(StandardCharsets.ISO_8859_1), length, how, version, out);
        out.append(request, lineBytes(request), length + 2);
    }

    private static String[] line(byte[] request) {
        return new String(request, 0, lineBytes(request), StandardCharsets.ISO_8859_1)
                .strip()
                .split(" +", -1);
    }

    private static int lineBytes(byte[] request) {
        int index = 0;
        while (request[index] != '\n') {
            index++;
        }
        return index + 1;
    }

    @Override
    public void appendChange(
            Command command, byte[] request, byte[] key, CachedValue found, ByteBuffer bytes, OutBuffer out) {
        String[] line = line(request);
        switch (command.name()) {
            case "append" -> appendValueOf(request, line, "MA", found.version(), out);
            case "prepend" -> appendValueOf(request, line, "MP", found.version(), out);
            case "replace" -> appendOver(request, line, found.version(), out);
            case "touch" -> appendStored(key, line[2], found, bytes, found.version(), out);
            case "gat", "gats" -> appendStored(key, line[1], found, bytes, found.version(), out);
            default -> throw new IllegalArgumentException("Changes no value: " + command.name());
        }
    }

    @Override
    public CacheOutcome outcome(ByteBuf reply, int offset, int length) {
        if (says(ReplyLine.DELETED, reply, offset, length) || saysMeta(ReplyLine.META_DONE, reply, offset, length)) {
            return CacheOutcome.DONE;
        }
        if (says(ReplyLine.NOT_FOUND, reply, offset, length)
                || saysMeta(ReplyLine.META_NOT_FOUND, reply, offset, length)
                || saysMeta(ReplyLine.META_NOT_STORED, reply, offset, length)) {
            return CacheOutcome.ABSENT;
        }
        return saysMeta(ReplyLine.META_CHANGED, reply, offset, length) ? CacheOutcome.CHANGED : CacheOutcome.FAILED;
    }

    @Override
    public long version(ByteBuf reply, int offset, int length) {
        int end = offset + length - LINE_END.length;
        return number(reply, ReplyLine.META_DONE.versionIn(reply, offset, end), end);
    }

    private static int wordEnd(ByteBuf in, int word, int end) {
        int next = ReplyLine.nextWord(in, word, end);
        return next == end ? end : next - 1;
    }

    @Override
    public boolean needsValue(Command command) {
        return switch (command.name()) {
            case "touch", "gat", "gats", "gets" -> true;
            default -> false;
        };
    }

    @Override
    public boolean isRefusedChange(ByteBuf reply, int offset, int length) {
        return ReplyLine.CLIENT_ERROR.begins(reply, offset, offset + length);
    }

    @Override
    public boolean isRefusedAdd(ByteBuf reply, int offset, int length) {
        return says(ReplyLine.NOT_STORED, reply, offset, length);
    }

    private static boolean saysMeta(ReplyLine line, ByteBuf reply, int offset, int length) {
        return line.isMeta(reply, offset, offset + length - LINE_END.length);
    }

    private static boolean says(ReplyLine line, ByteBuf reply, int offset, int length) {
        return line.is(reply, offset, offset + length - LINE_END.length);
    }

    // ---- replies of ours

    @Override
    public ByteBuf absent(Command command) {
        return Unpooled.wrappedBuffer(
                switch (command.name()) {
                    case "get", "gets", "gat", "gats" -> END;
                    case "add", "replace", "append", "prepend" -> ascii("NOT_STORED\r\n");
                    default -> ascii("NOT_FOUND\r\n");
                });
    }

    @Override
    public ByteBuf done(Command command, byte[] key, CachedValue value, ByteBuffer bytes) {
        return switch (command.name()) {
            case "append", "prepend", "replace" -> stored();
            case "touch" -> Unpooled.wrappedBuffer(TOUCHED);
            case "gat" -> Unpooled.wrappedBuffer(beforeValue(key, value), copy(bytes), LINE_END, END);
            case "gets", "gats" -> {
                String line = "VALUE " + new String(key, StandardCharsets.ISO_8859_1) + " "
                        + Long.toUnsignedString(value.flags()) + " " + value.length() + " "
                        + Long.toUnsignedString(value.version()) + "\r\n";
                yield Unpooled.wrappedBuffer(line.getBytes(StandardCharsets.ISO_8859_1), copy(bytes), LINE_END, END);
            }
            default -> throw new IllegalArgumentException("Changes no value: " + command.name());
        };
    }

    @Override
    public ByteBuf stored() {
        return Unpooled.wrappedBuffer(STORED);
    }

    @Override
    public ByteBuf removed() {
        return Unpooled.wrappedBuffer(DELETED);
    }
}
