package io.sluice.proxy.protocol.resp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.proxy.protocol.ProtocolException;
import io.sluice.proxy.protocol.Request;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A command typed as a line: {@code SET greeting "hello world"\r\n}. It is turned into an array of bulk strings, which
 * is what servers get. Quoting is that of Redis' sdssplitargs: "…" knows \n \r \t \b \a \xHH, '…' knows only \'.
 *
 * <p>For people at a terminal, so clear rather than fast.
 */
final class InlineCommand {

    static final int INCOMPLETE = -1;

    private final int maxBytes;
    private int position;

    InlineCommand(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    /**
     * Reads one line at the reader index, and places {@code request} on what was made of it; without arguments for an
     * empty line.
     *
     * @return bytes of the line, its end included, or INCOMPLETE
     */
    int read(ByteBuf in, Request request) throws ProtocolException {
        int start = in.readerIndex();
        int newline = in.indexOf(start, Math.min(in.writerIndex(), start + maxBytes), (byte) '\n');
        if (newline < 0) {
            if (in.readableBytes() >= maxBytes) {
                throw new ProtocolException("too big inline request");
            }
            return INCOMPLETE;
        }
        int end = newline > start && in.getByte(newline - 1) == '\r' ? newline - 1 : newline;
        byte[] line = new byte[end - start];
        in.getBytes(start, line);
        List<byte[]> arguments = split(line);
        refuseHttp(arguments);
        frame(arguments, request);
        return newline + 1 - start;
    }

    /** A browser can be made to send its request to a port like ours; Redis closes on these two words as well. */
    private static void refuseHttp(List<byte[]> arguments) throws ProtocolException {
        if (!arguments.isEmpty()) {
            String first = new String(arguments.get(0), StandardCharsets.ISO_8859_1);
            if (first.equalsIgnoreCase("POST") || first.equalsIgnoreCase("Host:")) {
                throw new ProtocolException("this is not an HTTP server");
            }
        }
    }

    private static void frame(List<byte[]> arguments, Request request) {
        ByteBuf framed = Unpooled.buffer(64);
        writeAscii(framed, "*" + arguments.size() + "\r\n");
        for (byte[] argument : arguments) {
            writeAscii(framed, "$" + argument.length + "\r\n");
            request.addArgument(framed.writerIndex(), argument.length);
            framed.writeBytes(argument);
            writeAscii(framed, "\r\n");
        }
        request.placeAt(framed, 0, framed.readableBytes());
    }

    private static void writeAscii(ByteBuf to, String text) {
        to.writeCharSequence(text, StandardCharsets.US_ASCII);
    }

    private List<byte[]> split(byte[] line) throws ProtocolException {
        List<byte[]> arguments = new ArrayList<>();
        position = 0;
        while (true) {
            while (position < line.length && isSpace(line[position])) {
                position++;
            }
            if (position == line.length) {
                return arguments;
            }
            arguments.add(readArgument(line));
        }
    }

    private byte[] readArgument(byte[] line) throws ProtocolException {
        ByteBuf argument = Unpooled.buffer(32);
        while (position < line.length && !endsWord(line[position])) {
            byte next = line[position++];
            if (next == '"' || next == '\'') {
                readQuoted(line, next, argument);
                if (position < line.length && !isSpace(line[position])) {
                    throw unbalanced();
                }
                break; // a closing quote ends its argument
            } else {
                argument.writeByte(next);
            }
        }
        byte[] bytes = new byte[argument.readableBytes()];
        argument.readBytes(bytes);
        return bytes;
    }

    private void readQuoted(byte[] line, byte quote, ByteBuf argument) throws ProtocolException {
        while (position < line.length) {
            byte next = line[position++];
            if (next == quote) {
                return;
            }
            if (next == '\\' && position < line.length) {
                argument.writeByte(quote == '"' ? readEscape(line) : readSingleQuotedEscape(line));
            } else {
                argument.writeByte(next);
            }
        }
        throw unbalanced();
    }

    private int readEscape(byte[] line) {
        byte escaped = line[position++];
        if (escaped == 'x' && position + 2 <= line.length) {
            int high = Character.digit(line[position], 16);
            int low = Character.digit(line[position + 1], 16);
            if (high >= 0 && low >= 0) {
                position += 2;
                return high << 4 | low;
            }
        }
        return switch (escaped) {
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'b' -> '\b';
            case 'a' -> 7;
            default -> escaped;
        };
    }

    private int readSingleQuotedEscape(byte[] line) {
        if (line[position] == '\'') {
            return line[position++];
        }
        return '\\';
    }

    private static ProtocolException unbalanced() {
        return new ProtocolException("unbalanced quotes in request");
    }

    /** Fewer bytes than {@link #isSpace}: Redis takes a vertical tab in the middle of a word for a part of it. */
    private static boolean endsWord(byte value) {
        return value == ' ' || value == '\t' || value == '\n' || value == '\r' || value == 0;
    }

    private static boolean isSpace(byte value) {
        return value == ' ' || (value >= '\t' && value <= '\r') || value == 0;
    }
}
