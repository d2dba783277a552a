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
 *   ms k 5 T60 F0 C8     HD | EX, NF                     filled | somebody has written, deleted
 *   md k C7              HD | EX, NF                     removed | another version, nothing
 * </pre>
 *
 * To a classic get or append the empty value of a claim is a value. So while claims are made all proxies ask in this way.
 */
final class TextCacheWords implements CacheWords {

    static final TextCacheWords WORDS = new TextCacheWords();

    private static final byte[] END = ascii("END\r\n");
    private static final byte[] STORED = ascii("STORED\r\n");
    private static final byte[] DELETED = ascii("DELETED\r\n");
    private static final byte[] LINE_END = ascii("\r\n");

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
            default -> CacheUse.CHANGE; // gets too: what it tells of a value's version, no other server understands
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
            int next = ReplyLine.nextWord(reply, word, end);
            int wordEnd = next == end ? end : next - 1;
            switch (reply.getByte(word)) {
                case 'f' -> flags = number(reply, word + 1, wordEnd);
                case 't' -> secondsLeft = secondsLeft(reply, word + 1, wordEnd);
                case 'c' -> version = number(reply, word + 1, wordEnd);
                case 'W' -> claim = State.CLAIMED;
                case 'Z' -> claim = State.CLAIMED_BY_OTHER;
                default -> {} // what newer servers tell besides
            }
            word = next;
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
        long left = value.secondsLeft() == CachedValue.FOR_EVER ? 0 : value.secondsLeft();
        appendConditional(key, value.length(), Long.toString(left), Long.toUnsignedString(value.flags()), version, out);
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        out.append(copy);
        out.append(LINE_END);
    }

    private static void appendConditional(
            byte[] key, int length, String expiration, String flags, long version, OutBuffer out) {
        out.append("ms ");
        out.append(key);
        out.append(" " + length + " T" + expiration + " F" + flags + " C" + Long.toUnsignedString(version));
        out.append(LINE_END);
    }

    @Override
    public void appendOver(byte[] add, long version, OutBuffer out) {
        String text = new String(add, StandardCharsets.ISO_8859_1);
        int lineEnd = text.indexOf('\n') + 1;
        String[] words = text.substring(0, lineEnd).strip().split(" +", -1);
        int length = Integer.parseInt(words[BYTES]);
        appendConditional(
                words[1].getBytes(StandardCharsets.ISO_8859_1), length, words[EXPIRATION], words[FLAGS], version, out);
        out.append(add, lineEnd, length + 2);
    }

    @Override
    public CacheOutcome outcome(ByteBuf reply, int offset, int length) {
        if (says(ReplyLine.DELETED, reply, offset, length) || says(ReplyLine.META_DONE, reply, offset, length)) {
            return CacheOutcome.DONE;
        }
        if (says(ReplyLine.NOT_FOUND, reply, offset, length) || says(ReplyLine.META_NOT_FOUND, reply, offset, length)) {
            return CacheOutcome.ABSENT;
        }
        return says(ReplyLine.META_CHANGED, reply, offset, length) ? CacheOutcome.CHANGED : CacheOutcome.FAILED;
    }

    @Override
    public boolean isRefusedAdd(ByteBuf reply, int offset, int length) {
        return says(ReplyLine.NOT_STORED, reply, offset, length);
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
    public ByteBuf stored() {
        return Unpooled.wrappedBuffer(STORED);
    }

    @Override
    public ByteBuf removed() {
        return Unpooled.wrappedBuffer(DELETED);
    }
}
