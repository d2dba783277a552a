package io.sluice.proxy.protocol.resp;

import io.netty.buffer.ByteBuf;
import io.sluice.proxy.command.CommandTable;
import io.sluice.proxy.protocol.ProtocolException;
import io.sluice.proxy.protocol.Request;
import io.sluice.proxy.protocol.RequestDecoder;

/**
 * Finds requests in a Redis client's bytes; copies nothing but inline commands.
 *
 * <pre>
 *   *3\r\n $3\r\n SET\r\n $1\r\n k\r\n $5\r\n value\r\n
 *   └ header └ length └ bytes                 position is behind the last piece understood
 * </pre>
 *
 * Texts and tolerances (an array of zero or fewer arguments, an empty line) are those of Redis' networking.c.
 */
final class RespRequestDecoder implements RequestDecoder {

    private static final int UNKNOWN = -1;
    /** {@code *1048576\r\n} and the like; a longer header line is no number we would accept. */
    private static final int MAX_LENGTH_LINE = 32;

    private final CommandTable table;
    private final RespLimits limits;
    private final InlineCommand inline;
    private final Request request = new Request();

    private int expected = UNKNOWN; // arguments of the array
    private int bulkLength = UNKNOWN; // of the argument at position
    private int position; // offset from the reader index
    private int missing;
    private int consumed;
    private int lineEnd; // offset behind the line that readLength understood

    RespRequestDecoder(CommandTable table, RespLimits limits) {
        this.table = table;
        this.limits = limits;
        this.inline = new InlineCommand(limits.maxInlineBytes());
    }

    @Override
    public boolean decode(ByteBuf in) throws ProtocolException {
        missing = 0;
        while (expected == UNKNOWN) {
            if (!in.isReadable()) {
                return false;
            }
            if (in.getByte(in.readerIndex()) == '*') {
                if (!decodeHeader(in)) {
                    return false;
                }
            } else {
                request.clear();
                int line = inline.read(in, request);
                if (line == InlineCommand.INCOMPLETE) {
                    return false;
                }
                if (request.count() > 0) {
                    return complete(in, line);
                }
                in.skipBytes(line); // an empty line
            }
        }
        return decodeArguments(in) && complete(in, position);
    }

    private boolean decodeHeader(ByteBuf in) throws ProtocolException {
        long announced = readLength(in, 1, "invalid multibulk length");
        if (announced == Long.MIN_VALUE) {
            return false;
        }
        if (announced > limits.maxArguments()) {
            throw new ProtocolException("invalid multibulk length");
        }
        if (announced <= 0) {
            in.skipBytes(lineEnd); // nothing is asked, nothing is answered
            return true;
        }
        request.clear();
        expected = (int) announced;
        position = lineEnd;
        return true;
    }

    private boolean decodeArguments(ByteBuf in) throws ProtocolException {
        int readable = in.readableBytes();
        while (request.count() < expected) {
            if (bulkLength == UNKNOWN && !decodeBulkHeader(in, readable)) {
                return false;
            }
            int end = position + bulkLength + 2;
            if (end > readable) {
                missing = end - readable;
                return false;
            }
            if (in.getByte(in.readerIndex() + end - 2) != '\r' || in.getByte(in.readerIndex() + end - 1) != '\n') {
                throw new ProtocolException("expected CRLF after " + bulkLength + " bytes of an argument");
            }
            request.addArgument(position, bulkLength);
            position = end;
            bulkLength = UNKNOWN;
        }
        return true;
    }

    private boolean decodeBulkHeader(ByteBuf in, int readable) throws ProtocolException {
        if (position >= readable) {
            return false;
        }
        byte type = in.getByte(in.readerIndex() + position);
        if (type != '$') {
            throw new ProtocolException("expected '$', got '" + printable(type) + "'");
        }
        long announced = readLength(in, position + 1, "invalid bulk length");
        if (announced == Long.MIN_VALUE) {
            return false;
        }
        if (announced < 0) {
            throw new ProtocolException("invalid bulk length");
        }
        if (lineEnd + announced + 2 > limits.maxRequestBytes()) {
            throw new ProtocolException(
                    "request too large: more than " + limits.maxRequestBytes() + " bytes (limits.max_request_bytes)");
        }
        bulkLength = (int) announced;
        position = lineEnd;
        return true;
    }

    /**
     * Reads a decimal number and its CRLF at {@code offset}; Long.MIN_VALUE when the line is not complete. What Redis
     * would not take must not pass: its answer would be to close a connection that many clients share.
     *
     * <pre> -12\r\n </pre>
     */
    private long readLength(ByteBuf in, int offset, String complaint) throws ProtocolException {
        int index = in.readerIndex() + offset;
        int end = in.writerIndex();
        int stop = Math.min(end, index + MAX_LENGTH_LINE);
        boolean negative = index < stop && in.getByte(index) == '-';
        if (negative) {
            index++;
        }
        int firstDigit = index;
        long value = 0;
        byte next = 0;
        while (index < stop && (next = in.getByte(index)) >= '0' && next <= '9') {
            value = value * 10 + (next - '0');
            index++;
        }
        if (index - firstDigit > 18) { // more could overflow
            throw new ProtocolException(complaint);
        }
        if (index + 1 >= end && (index == end || next == '\r')) {
            return Long.MIN_VALUE;
        }
        boolean canonical =
                (index == firstDigit + 1 && !negative) || in.getByte(firstDigit) != '0'; // Redis takes no 007
        if (index == firstDigit || !canonical || next != '\r' || in.getByte(index + 1) != '\n') {
            throw new ProtocolException(complaint);
        }
        lineEnd = index + 2 - in.readerIndex();
        return negative ? -value : value;
    }

    private boolean complete(ByteBuf in, int bytes) {
        consumed = bytes;
        if (expected != UNKNOWN) {
            request.placeAt(in, in.readerIndex(), bytes);
            expected = UNKNOWN;
            position = 0;
        }
        request.setCommand(table.find(request));
        return true;
    }

    private static char printable(byte value) {
        return value >= ' ' && value < 127 ? (char) value : '?';
    }

    @Override
    public Request request() {
        return request;
    }

    @Override
    public int consumed() {
        return consumed;
    }

    @Override
    public int missing() {
        return missing;
    }

    @Override
    public boolean midRequest() {
        return expected != UNKNOWN;
    }

    @Override
    public void reset() {
        expected = UNKNOWN;
        bulkLength = UNKNOWN;
        position = 0;
        request.clear();
    }
}
