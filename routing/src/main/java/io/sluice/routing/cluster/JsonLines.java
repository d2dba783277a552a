package io.sluice.routing.cluster;

import java.util.Collection;
import java.util.function.Consumer;

/** Writes one JSON object, indented by two spaces, in the order of the calls. */
final class JsonLines {

    private final StringBuilder text = new StringBuilder();
    private final int depth;
    private boolean empty = true;

    private JsonLines(int depth) {
        this.depth = depth;
    }

    static String object(Consumer<JsonLines> members) {
        return object(1, members) + "\n";
    }

    private static String object(int depth, Consumer<JsonLines> members) {
        JsonLines lines = new JsonLines(depth);
        members.accept(lines);
        return lines.empty ? "{}" : "{" + lines.text + "\n" + "  ".repeat(depth - 1) + "}";
    }

    JsonLines add(String key, long number) {
        return member(key, Long.toString(number));
    }

    JsonLines add(String key, boolean value) {
        return member(key, Boolean.toString(value));
    }

    JsonLines add(String key, String value) {
        return member(key, quoted(value));
    }

    JsonLines add(String key, Collection<String> values) {
        return member(
                key,
                values.stream().map(JsonLines::quoted).collect(java.util.stream.Collectors.joining(", ", "[", "]")));
    }

    JsonLines add(String key, Consumer<JsonLines> members) {
        return member(key, object(depth + 1, members));
    }

    private JsonLines member(String key, String value) {
        text.append(empty ? "\n" : ",\n").append("  ".repeat(depth));
        text.append(quoted(key)).append(": ").append(value);
        empty = false;
        return this;
    }

    private static String quoted(String value) {
        StringBuilder quoted = new StringBuilder(value.length() + 2).append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ' || c > '~') {
                quoted.append(String.format("\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}
