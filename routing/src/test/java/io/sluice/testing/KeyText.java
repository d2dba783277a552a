package io.sluice.testing;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** Keys as tests write them: Latin-1 text in which {@code \xNN} is one raw byte. */
public final class KeyText {

    private static final Pattern RAW_BYTE = Pattern.compile("\\\\x([0-9a-f]{2})");

    private KeyText() {}

    public static byte[] bytes(String text) {
        return RAW_BYTE.matcher(text)
                .replaceAll(raw -> String.valueOf((char) Integer.parseInt(raw.group(1), 16)))
                .getBytes(StandardCharsets.ISO_8859_1);
    }
}
