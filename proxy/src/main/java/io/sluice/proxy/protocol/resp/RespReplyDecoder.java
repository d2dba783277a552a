package io.sluice.proxy.protocol.resp;

import io.netty.buffer.ByteBuf;
import io.sluice.proxy.protocol.ProtocolException;
import io.sluice.proxy.protocol.ReplyDecoder;

/**
 * Finds where the replies of a Redis server end. Nesting needs no stack: an array of n elements adds n to the elements
 * still to come, and the reply ends when none is left.
 */
final class RespReplyDecoder implements ReplyDecoder {

    /** Longest simple string or error line; Redis' own are below 1 KiB. */
    static final int MAX_LINE_BYTES = 64 << 10;

    /** Longest bulk string: what Redis allows at most (proto-max-bulk-len). */
    private static final long MAX_BULK_BYTES = 4L << 30;

    private static final long MAX_ELEMENTS = 1L << 32;

    private int scanned;
    private long elementsLeft = 1;
    private long bulkLeft; // bytes of a bulk string and its CRLF still to come

    @Override
    public boolean decode(ByteBuf in) throws ProtocolException {
        int readable = in.readableBytes();
        while (true) {
            if (bulkLeft > 0) {
                long take = Math.min(bulkLeft, readable - scanned);
                scanned += (int) take;
                bulkLeft -= take;
                if (bulkLeft == 1 && take > 0) {
                    checkCarriageReturn(in, scanned - 1); // now: it may leave with a piece before its LF comes
                }
                if (bulkLeft > 0) {
                    return false;
                }
                checkBulkEnd(in);
                elementsLeft--;
            }
            if (elementsLeft == 0) {
                return true;
            }
            if (!decodeLine(in, readable)) {
                return false;
            }
        }
    }

    private void checkBulkEnd(ByteBuf in) throws ProtocolException {
        if (scanned >= 2) {
            checkCarriageReturn(in, scanned - 2);
        }
        if (in.getByte(in.readerIndex() + scanned - 1) != '\n') {
            throw notEnded();
        }
    }

    private static void checkCarriageReturn(ByteBuf in, int offset) throws ProtocolException {
        if (in.getByte(in.readerIndex() + offset) != '\r') {
            throw notEnded();
        }
    }

    private static ProtocolException notEnded() {
        return new ProtocolException("expected CRLF at the end of a bulk string");
    }

    /** Takes one line: {@code +OK\r\n}, {@code -ERR …\r\n}, {@code :1\r\n}, {@code $5\r\n} or {@code *2\r\n}. */
    private boolean decodeLine(ByteBuf in, int readable) throws ProtocolException {
        if (scanned >= readable) {
            return false;
        }
        int start = in.readerIndex() + scanned;
        byte type = in.getByte(start);
        switch (type) {
            case '+', '-', ':' -> {
                return decodeSimple(in, start);
            }
            case '$' -> {
                return decodeBulkHeader(in, start);
            }
            case '*' -> {
                return decodeArrayHeader(in, start);
            }
            default ->
                throw new ProtocolException(
                        String.format("a reply begins with byte 0x%02x, expected one of + - : $ *", type & 0xff));
        }
    }

    private boolean decodeSimple(ByteBuf in, int start) throws ProtocolException {
        int newline = in.indexOf(start, Math.min(in.writerIndex(), start + MAX_LINE_BYTES), (byte) '\n');
        if (newline < 0) {
            if (in.writerIndex() - start >= MAX_LINE_BYTES) {
                throw new ProtocolException("a line of a reply is longer than " + MAX_LINE_BYTES + " bytes");
            }
            return false;
        }
        if (in.getByte(newline - 1) != '\r') {
            throw new ProtocolException("a line of a reply ends without CR");
        }
        scanned = newline + 1 - in.readerIndex();
        elementsLeft--;
        return true;
    }

    private boolean decodeBulkHeader(ByteBuf in, int start) throws ProtocolException {
        long length = readNumber(in, start);
        if (length == Long.MIN_VALUE) {
            return false;
        }
        if (length < -1 || length > MAX_BULK_BYTES) {
            throw new ProtocolException("a reply announces a bulk string of " + length + " bytes");
        }
        if (length == -1) {
            elementsLeft--;
        } else {
            bulkLeft = length + 2;
        }
        return true;
    }

    private boolean decodeArrayHeader(ByteBuf in, int start) throws ProtocolException {
        long length = readNumber(in, start);
        if (length == Long.MIN_VALUE) {
            return false;
        }
        if (length < -1 || length > Integer.MAX_VALUE || elementsLeft + length > MAX_ELEMENTS) {
            throw new ProtocolException("a reply announces an array of " + length + " elements");
        }
        elementsLeft += Math.max(length, 0) - 1;
        return true;
    }

    /** Reads the number behind the type byte and moves behind its CRLF; Long.MIN_VALUE when the line is not complete. */
    private long readNumber(ByteBuf in, int start) throws ProtocolException {
        int end = in.writerIndex();
        int index = start + 1;
        boolean negative = index < end && in.getByte(index) == '-';
        if (negative) {
            index++;
        }
        int firstDigit = index;
        long value = 0;
        byte next = 0;
        while (index < end && (next = in.getByte(index)) >= '0' && next <= '9') {
            value = value * 10 + (next - '0');
            if (++index - firstDigit > 18) {
                throw new ProtocolException("a length in a reply has more than 18 digits");
            }
        }
        if (index + 1 >= end && (index == end || next == '\r')) {
            return Long.MIN_VALUE;
        }
        if (index == firstDigit || next != '\r' || in.getByte(index + 1) != '\n') {
            throw new ProtocolException("a length in a reply is not a number");
        }
        scanned = index + 2 - in.readerIndex();
        return negative ? -value : value;
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
        elementsLeft = 1;
        bulkLeft = 0;
    }

    @Override
    public int missing() {
        return (int) Math.min(bulkLeft, Integer.MAX_VALUE);
    }
}
