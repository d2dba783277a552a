package io.sluice.manager.api;

import java.io.ByteArrayOutputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the part of a URL behind the question mark. Values are bytes: keys need not be text. */
final class QueryText {

    private QueryText() {}

    /** @param known the parameters that the route has */
    static Map<String, byte[]> parse(@Nullable String raw, Set<String> known) throws ApiException {
        Map<String, byte[]> parameters = new LinkedHashMap<>();
        if (raw == null || raw.isEmpty()) {
            return parameters;
        }
        for (String pair : raw.split("&", -1)) {
            int equals = pair.indexOf('=');
            String name = equals < 0 ? pair : pair.substring(0, equals);
            if (!known.contains(name)) {
                throw ApiException.badRequest(
                        "unknown parameter", known.isEmpty() ? "there are none here" : "there are: " + known);
            }
            if (parameters.put(name, decoded(equals < 0 ? "" : pair.substring(equals + 1))) != null) {
                throw ApiException.badRequest(name + " is given twice", "give it once");
            }
        }
        return parameters;
    }

    /** Percent escapes; a plus is a plus, as keys may have one. */
    static byte[] decoded(String text) throws ApiException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c > '~') {
                throw ApiException.badRequest("a character that is not ASCII", "write its UTF-8 bytes as %NN");
            }
            if (c != '%') {
                bytes.write(c);
                continue;
            }
            int high = i + 2 < text.length() ? Character.digit(text.charAt(i + 1), 16) : -1;
            int low = i + 2 < text.length() ? Character.digit(text.charAt(i + 2), 16) : -1;
            if (high < 0 || low < 0) {
                throw ApiException.badRequest("a % without two hexadecimal digits", "write %25 for a percent sign");
            }
            bytes.write(high << 4 | low);
            i += 2;
        }
        return bytes.toByteArray();
    }
}
