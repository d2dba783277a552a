package io.sluice.proxy.testing;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Cuts a stream into RESP2 replies, as the bytes they are. Shares no code with the proxy. */
public final class RespReplyReader {

    private final InputStream in;

    public RespReplyReader(InputStream in) {
        this.in = in;
    }

    /** The bytes of the next reply as ISO 8859-1 text; empty when the other side has closed. */
    public Optional<String> next() throws IOException {
        ByteArrayOutputStream reply = new ByteArrayOutputStream();
        int first = in.read();
        if (first < 0) {
            return Optional.empty();
        }
        copyReply(first, reply);
        return Optional.of(reply.toString(StandardCharsets.ISO_8859_1));
    }

    /** All replies until the other side closes, which must not be inside one. */
    public List<String> toEnd() throws IOException {
        List<String> replies = new ArrayList<>();
        for (Optional<String> reply = next(); reply.isPresent(); reply = next()) {
            replies.add(reply.get());
        }
        return replies;
    }

    private void copyReply(int type, ByteArrayOutputStream to) throws IOException {
        int start = to.size();
        to.write(type);
        copyLine(to);
        switch (type) {
            case '+', '-', ':' -> {}
            case '$' -> copyBytes(Math.max(-2, number(to, start)) + 2, to);
            case '*' -> {
                for (int left = number(to, start); left > 0; left--) {
                    copyReply(nextByte(), to);
                }
            }
            default -> throw new IOException("Not a RESP2 reply: " + to.toString(StandardCharsets.ISO_8859_1));
        }
    }

    private void copyLine(ByteArrayOutputStream to) throws IOException {
        int last;
        do {
            last = nextByte();
            to.write(last);
        } while (last != '\n');
    }

    /** The number in the line that has just been copied; a null bulk string of -1 has no bytes and no line end. */
    private static int number(ByteArrayOutputStream to, int start) {
        String line = to.toString(StandardCharsets.ISO_8859_1).substring(start + 1);
        int value = Integer.parseInt(line.strip());
        return value == -1 ? -2 : value;
    }

    private void copyBytes(int count, ByteArrayOutputStream to) throws IOException {
        byte[] bytes = in.readNBytes(count);
        if (bytes.length < count) {
            throw new EOFException("The connection was closed inside a reply");
        }
        to.writeBytes(bytes);
    }

    private int nextByte() throws IOException {
        int next = in.read();
        if (next < 0) {
            throw new EOFException("The connection was closed inside a reply");
        }
        return next;
    }
}
