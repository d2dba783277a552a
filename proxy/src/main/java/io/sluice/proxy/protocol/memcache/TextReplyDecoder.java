package io.sluice.proxy.protocol.memcache;

import io.netty.buffer.ByteBuf;
import io.sluice.proxy.protocol.ProtocolException;
import io.sluice.proxy.protocol.ReplyDecoder;

/**
 * Finds where the replies of a memcached server end: behind one line, or behind the END of values.
 *
 * <pre>
 *   VALUE k1 0 5\r\n hello\r\n VALUE k2 0 0\r\n \r\n END\r\n
 *   STORED\r\n
 *   VA 5 f0 t60 c7\r\n hello\r\n                        to a meta command
 * </pre>
 *
 * Lines that none of our requests can bring are refused: the server is not what it should be, or out of step. Which of them
 * brings which is not known here: a client may get the wrong one of those that can be, but none to a meta command, which is
 * {@linkplain #isForProxy told apart}.
 */
final class TextReplyDecoder implements ReplyDecoder {

    /** Longest line of a reply; a key, numbers and errors are much shorter. */
    static final int MAX_LINE_BYTES = 8 << 10;

    private int scanned;
    private long valueLeft; // bytes of a value and its CRLF still to come
    private boolean inValues; // a value of this reply has begun
    private boolean endsWithValue; // no END will come behind it
    private boolean meta; // the reply is that to a meta command
    private boolean complete;

    @Override
    public boolean decode(ByteBuf in) throws ProtocolException {
        while (!complete) {
            if (!takeValue(in)) {
                return false;
            }
            if (endsWithValue) {
                complete = true;
                return true;
            }
            int newline = findLine(in);
            if (newline < 0) {
                return false;
            }
            takeLine(in, newline);
        }
        return true;
    }

    /** Scans the value that was announced; returns whether it has ended. */
    boolean takeValue(ByteBuf in) throws ProtocolException {
        if (valueLeft == 0) {
            return true;
        }
        int take = (int) Math.min(valueLeft, in.readableBytes() - scanned);
        scanned += take;
        valueLeft -= take;
        if (valueLeft == 1 && take > 0) {
            check(in, scanned - 1, '\r'); // now: it may leave with a piece before its LF comes
        }
        if (valueLeft > 0) {
            return false;
        }
        check(in, scanned - 1, '\n');
        if (scanned > 1) {
            check(in, scanned - 2, '\r');
        }
        return true;
    }

    private static void check(ByteBuf in, int offset, char expected) throws ProtocolException {
        if (in.getByte(in.readerIndex() + offset) != expected) {
            throw new ProtocolException("expected CRLF at the end of a value");
        }
    }

    /** The index of the LF of the line that comes next; -1 if it is not there yet. */
    int findLine(ByteBuf in) throws ProtocolException {
        int start = in.readerIndex() + scanned;
        int stop = Math.min(in.writerIndex(), start + MAX_LINE_BYTES);
        int newline = start < stop ? in.indexOf(start, stop, (byte) '\n') : -1;
        if (newline < 0) {
            if (stop == start + MAX_LINE_BYTES) {
                throw new ProtocolException("a line of a reply is longer than " + MAX_LINE_BYTES + " bytes");
            }
            refuseEarly(in, start);
            return -1;
        }
        if (newline == start || in.getByte(newline - 1) != '\r') {
            throw new ProtocolException("a line of a reply ends without CR");
        }
        return newline;
    }

    /** Goes on behind the line that was found. */
    void takeLine(ByteBuf in, int newline) throws ProtocolException {
        understand(in, in.readerIndex() + scanned, newline - 1);
        scanned = newline + 1 - in.readerIndex();
    }

    /** Rubbish need not end with a line to be known as such. */
    private static void refuseEarly(ByteBuf in, int start) throws ProtocolException {
        if (start < in.writerIndex() && !ReplyLine.mayBegin(in.getByte(start))) {
            throw new ProtocolException(String.format(
                    "a reply begins with byte 0x%02x, expected a word or a number", in.getByte(start) & 0xff));
        }
    }

    private void understand(ByteBuf in, int start, int end) throws ProtocolException {
        if (ReplyLine.VALUE.begins(in, start, end)) {
            valueLeft = ReplyLine.valueBytes(in, start, end) + 2;
            inValues = true;
        } else if (inValues ? ReplyLine.endsValues(in, start, end) : ReplyLine.isReply(in, start, end)) {
            complete = true;
        } else if (!inValues && ReplyLine.META_VALUE.begins(in, start, end)) {
            valueLeft = ReplyLine.metaValueBytes(in, start, end) + 2;
            endsWithValue = true;
            meta = true;
        } else if (!inValues && ReplyLine.isMetaReply(in, start, end)) {
            complete = true;
            meta = true;
        } else {
            throw new ProtocolException(
                    inValues ? "a line among values that is neither VALUE nor END" : "a line that is no reply");
        }
    }

    @Override
    public boolean isForProxy() {
        return meta;
    }

    @Override
    public int scanned() {
        return scanned;
    }

    @Override
    public void pieceTaken() {
        scanned = 0;
    }

    @Override
    public void next() {
        scanned = 0;
        valueLeft = 0;
        inValues = false;
        endsWithValue = false;
        meta = false;
        complete = false;
    }

    @Override
    public int missing() {
        return (int) Math.min(valueLeft, Integer.MAX_VALUE);
    }
}
