package io.sluice.proxy.protocol.memcache;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.proxy.protocol.ProtocolException;
import io.sluice.proxy.protocol.ReplyDecoder;
import io.sluice.proxy.protocol.ReplySink;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Finds replies where gets were joined: each value has its key, and values come in the order of the keys.
 *
 * <pre>
 *   get a b c d ─▶ VALUE b 0 1\r\n x\r\n VALUE c 0 1\r\n y\r\n END\r\n
 *        a   END                                 its turn, and the value is another one's
 *        b   VALUE b 0 1\r\n x\r\n END           the END is lent: it stands over the next bytes for a moment
 *        c   VALUE c 0 1\r\n y\r\n END
 *        d   END                                 the server's own
 * </pre>
 *
 * An error instead of a value goes to all that have no reply yet.
 */
final class JoinedReplyDecoder implements ReplyDecoder {

    private static final byte[] END = "END\r\n".getBytes(StandardCharsets.US_ASCII);

    /** How the current reply differs from the bytes that were scanned. */
    private enum Shape {
        AS_IT_IS,
        MISS,
        WITHOUT_END,
        ERROR_OF_ALL
    }

    private final GetJoiner joiner;
    private final TextReplyDecoder lines = new TextReplyDecoder();
    private final ByteBuf end = Unpooled.wrappedBuffer(END);
    private final byte[] covered = new byte[END.length];

    private boolean started; // it is known whose reply this is
    private @Nullable JoinedKeys keys; // null: a reply by itself
    private int place; // of its key
    private boolean inValue;
    private Shape shape = Shape.AS_IT_IS;
    private int errorBytes;

    JoinedReplyDecoder(GetJoiner joiner) {
        this.joiner = joiner;
    }

    @Override
    public boolean decode(ByteBuf in) throws ProtocolException {
        if (!started) {
            start();
        }
        JoinedKeys joined = keys;
        if (joined == null) {
            return lines.decode(in);
        }
        return inValue ? decodeValue(joined, in) : decodeFirstLine(joined, in);
    }

    private void start() {
        started = true;
        JoinedKeys joined = joiner.awaited();
        if (joined != null) {
            place = joiner.place(joined);
        }
        keys = joined;
    }

    private boolean decodeFirstLine(JoinedKeys joined, ByteBuf in) throws ProtocolException {
        int newline = lines.findLine(in);
        if (newline < 0) {
            return false;
        }
        int line = in.readerIndex();
        if (!ReplyLine.VALUE.begins(in, line, newline - 1)) {
            return endOf(joined, in, line, newline);
        }
        int key = ReplyLine.keyStart(line);
        int valuePlace = joined.find(in, key, ReplyLine.keyEnd(in, line, newline - 1) - key, place);
        if (valuePlace < 0) {
            throw notAsked(joined, in, newline);
        }
        if (valuePlace > place) {
            shape = Shape.MISS;
            return true;
        }
        lines.takeLine(in, newline);
        inValue = true;
        return decodeValue(joined, in);
    }

    /** The line says that no value follows: the last one's reply, and of what all before it get. */
    private boolean endOf(JoinedKeys joined, ByteBuf in, int line, int newline) throws ProtocolException {
        if (!ReplyLine.endsValues(in, line, newline - 1)) {
            throw new ProtocolException("a line among values that is neither VALUE nor END");
        }
        if (isLast(joined)) {
            lines.takeLine(in, newline);
        } else if (ReplyLine.END.is(in, line, newline - 1)) {
            shape = Shape.MISS;
        } else {
            shape = Shape.ERROR_OF_ALL;
            errorBytes = newline + 1 - line;
        }
        return true;
    }

    private boolean isLast(JoinedKeys joined) {
        return place == joined.count() - 1;
    }

    private boolean decodeValue(JoinedKeys joined, ByteBuf in) throws ProtocolException {
        if (!lines.takeValue(in)) {
            return false;
        }
        if (isLast(joined)) {
            return decodeLastLine(joined, in);
        }
        shape = Shape.WITHOUT_END;
        return in.readableBytes() - lines.scanned() >= END.length; // no line that may follow is shorter
    }

    private boolean decodeLastLine(JoinedKeys joined, ByteBuf in) throws ProtocolException {
        int newline = lines.findLine(in);
        if (newline < 0) {
            return false;
        }
        if (ReplyLine.VALUE.begins(in, in.readerIndex() + lines.scanned(), newline - 1)) {
            throw notAsked(joined, in, newline);
        }
        lines.takeLine(in, newline);
        return true;
    }

    /** A value of one that has its reply already says more of the server than one of nobody. */
    private ProtocolException notAsked(JoinedKeys joined, ByteBuf in, int newline) {
        int line = in.readerIndex() + lines.scanned();
        int key = ReplyLine.keyStart(line);
        if (joined.find(in, key, ReplyLine.keyEnd(in, line, newline - 1) - key, 0) < 0) {
            return new ProtocolException("a value that was not asked for");
        }
        joiner.giveUp();
        return new ProtocolException("values not in the order of their keys; gets are not joined any more");
    }

    @Override
    public void passOn(ReplySink sink, ByteBuf in, int start, int length) {
        switch (shape) {
            case AS_IT_IS -> sink.onReply(in, start, length, true);
            case MISS -> sink.onReply(end, 0, END.length, true);
            case ERROR_OF_ALL -> sink.onReply(in, start, errorBytes, true);
            case WITHOUT_END -> passOnWithEnd(sink, in, start, length);
        }
    }

    /** In one piece and without a copy: a sink has done with the bytes when it returns. */
    private void passOnWithEnd(ReplySink sink, ByteBuf in, int start, int length) {
        in.getBytes(start + length, covered);
        in.setBytes(start + length, END);
        try {
            sink.onReply(in, start, length + END.length, true);
        } finally {
            in.setBytes(start + length, covered);
        }
    }

    @Override
    public boolean isForProxy() {
        return lines.isForProxy();
    }

    @Override
    public int scanned() {
        return lines.scanned();
    }

    @Override
    public void pieceTaken() {
        lines.pieceTaken();
    }

    @Override
    public void next() {
        lines.next();
        started = false;
        inValue = false;
        shape = Shape.AS_IT_IS;
    }

    @Override
    public int missing() {
        return lines.missing();
    }
}
