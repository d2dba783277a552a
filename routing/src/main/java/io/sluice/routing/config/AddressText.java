package io.sluice.routing.config;

import io.sluice.routing.topology.ServerAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalLong;

/** Reads {@code host:port} and {@code /path}. The port is looked for from the end, so IPv6 literals need no brackets. */
public final class AddressText {
    public static final int MAX_PORT = 65_535;
    /** The kernel's {@code sun_path} has 108 bytes, of which the last is 0. */
    public static final int MAX_UNIX_PATH_BYTES = 107;

    private AddressText() {}

    /** The address, or empty and a mistake at {@code where}; {@code form} says what was expected as a whole. */
    public static Optional<ServerAddress> read(String text, YamlScalar where, String noun, String form) {
        if (text.startsWith("/")) {
            return unix(text, where);
        }
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "" : withoutBrackets(text.substring(0, colon));
        if (host.isEmpty() || !host.chars().allMatch(AddressText::isHostCharacter)) {
            where.unlike(noun, form);
            return Optional.empty();
        }
        return port(text.substring(colon + 1), where, noun, form).map(port -> ServerAddress.tcp(host, port));
    }

    /** The same for {@code host:port} alone, wherever it comes from; empty for anything else. */
    public static Optional<ServerAddress> tcp(String text) {
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "" : withoutBrackets(text.substring(0, colon));
        if (host.isEmpty() || !host.chars().allMatch(AddressText::isHostCharacter)) {
            return Optional.empty();
        }
        return ScalarType.wholeNumber(text.substring(colon + 1), 1, MAX_PORT)
                .map(port -> ServerAddress.tcp(host, port));
    }

    private static Optional<ServerAddress> unix(String path, YamlScalar where) {
        int bytes = path.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_UNIX_PATH_BYTES) {
            where.mistake("the path of a unix socket has " + bytes + " bytes; expected at most " + MAX_UNIX_PATH_BYTES);
            return Optional.empty();
        }
        if (path.equals("/") || path.chars().anyMatch(Character::isISOControl)) {
            where.unlike("the path of a unix socket", "a path such as /run/redis.sock");
            return Optional.empty();
        }
        return Optional.of(ServerAddress.unix(path));
    }

    private static Optional<Integer> port(String text, YamlScalar where, String noun, String form) {
        if (!text.isEmpty() && text.chars().allMatch(c -> Digits.isDigit((char) c))) {
            OptionalLong port = Digits.parse(text);
            if (port.isPresent() && port.getAsLong() >= 1 && port.getAsLong() <= MAX_PORT) {
                return Optional.of((int) port.getAsLong());
            }
            where.mistake("port " + Words.quoted(text) + " is out of range; expected 1 to " + MAX_PORT);
        } else {
            where.unlike(noun, form);
        }
        return Optional.empty();
    }

    private static String withoutBrackets(String host) {
        return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    }

    private static boolean isHostCharacter(int c) {
        return c > ' ' && c != '/' && c != '[' && c != ']' && !Character.isISOControl(c);
    }
}
