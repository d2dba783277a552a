package io.sluice.proxy.testing;

import io.sluice.proxy.testing.UnluckyClient.Asked;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** How {@link UnluckyClient} asks memcached. */
public final class CachePhrases implements UnluckyClient.Phrases {

    @Override
    public Asked get(String badKey) {
        String reply = CacheTongue.value(badKey, "value of " + badKey) + "END\r\n";
        return new Asked("get " + badKey + "\r\n", false, reply::equals);
    }

    @Override
    public Asked set(String badKey) {
        return new Asked("set " + badKey + " 0 0 1\r\nx\r\n", false, "STORED\r\n"::equals);
    }

    @Override
    public Asked set(String goodKey, String value) {
        String request = "set " + goodKey + " 0 0 " + value.length() + "\r\n" + value + "\r\n";
        return new Asked(request, true, "STORED\r\n"::equals);
    }

    @Override
    public Asked get(String goodKey, Optional<String> held) {
        return new Asked("get " + goodKey + "\r\n", true, (valueOrNothing(goodKey, held) + "END\r\n")::equals);
    }

    @Override
    public Asked getBoth(String badKey, String goodKey, Optional<String> held) {
        String both = CacheTongue.value(badKey, "value of " + badKey) + valueOrNothing(goodKey, held) + "END\r\n";
        return new Asked("get " + badKey + " " + goodKey + "\r\n", false, both::equals);
    }

    @Override
    public Asked split(String badKey, String goodKey) {
        return new Asked("delete " + badKey + "\r\n", false, "DELETED\r\n"::equals);
    }

    private static String valueOrNothing(String key, Optional<String> value) {
        return value.map(held -> CacheTongue.value(key, held)).orElse("");
    }

    @Override
    public boolean isError(String reply) {
        return reply.startsWith("ERROR") || reply.startsWith("CLIENT_ERROR ") || reply.startsWith("SERVER_ERROR ");
    }

    @Override
    public Optional<String> next(InputStream in) throws IOException {
        int first = in.read();
        if (first < 0) {
            return Optional.empty();
        }
        StringBuilder reply = new StringBuilder();
        String line = (char) first + line(in);
        while (line.startsWith("VALUE ")) {
            reply.append(line).append(value(in, line, 3));
            line = line(in);
        }
        reply.append(line);
        return Optional.of((line.startsWith("VA ") ? reply.append(value(in, line, 1)) : reply).toString());
    }

    private static String value(InputStream in, String line, int wordOfLength) throws IOException {
        int bytes = Integer.parseInt(line.strip().split(" ", -1)[wordOfLength]) + 2;
        return new String(in.readNBytes(bytes), StandardCharsets.ISO_8859_1);
    }

    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int next;
        do {
            next = in.read();
            if (next < 0) {
                throw new EOFException("The connection was closed inside a reply");
            }
            line.write(next);
        } while (next != '\n');
        return line.toString(StandardCharsets.ISO_8859_1);
    }
}
