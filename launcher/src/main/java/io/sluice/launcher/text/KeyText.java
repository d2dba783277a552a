package io.sluice.launcher.text;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * A key as people type it, and the bytes it stands for: text as UTF-8, {@code \xNN} for any byte, and
 * {@code \\ \n \r \t}.
 */
public final class KeyText {

    private KeyText() {}

    /** Throws {@link IllegalArgumentException} with a message for people where an escape is not one of the above. */
    public static byte[] parse(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int at = 0;
        while (at < text.length()) {
            int backslash = text.indexOf('\\', at);
            int end = backslash < 0 ? text.length() : backslash;
            bytes.writeBytes(text.substring(at, end).getBytes(StandardCharsets.UTF_8));
            at = backslash < 0 ? end : parseEscape(text, backslash, bytes);
        }
        return bytes.toByteArray();
    }

    /** Writes the byte of the escape that begins at {@code backslash} and returns where the text goes on. */
    private static int parseEscape(String text, int backslash, ByteArrayOutputStream bytes) {
        char letter = backslash + 1 < text.length() ? text.charAt(backslash + 1) : ' ';
        if (letter == 'x') {
            bytes.write(hexByte(text, backslash));
            return backslash + 4;
        }
        bytes.write(
                switch (letter) {
                    case '\\' -> '\\';
                    case 'n' -> '\n';
                    case 'r' -> '\r';
                    case 't' -> '\t';
                    default -> throw badEscape(text);
                });
        return backslash + 2;
    }

    private static int hexByte(String text, int backslash) {
        if (backslash + 4 > text.length()) {
            throw badEscape(text);
        }
        int high = Character.digit(text.charAt(backslash + 2), 16);
        int low = Character.digit(text.charAt(backslash + 3), 16);
        if (high < 0 || low < 0) {
            throw badEscape(text);
        }
        return high << 4 | low;
    }

    private static IllegalArgumentException badEscape(String text) {
        return new IllegalArgumentException(
                "expected \\xNN, \\\\, \\n, \\r or \\t after the backslash, got '" + text + "'");
    }

    /** The other way round: printable ASCII as it is, everything else escaped, so that a table stays a table. */
    public static String show(byte[] key) {
        StringBuilder text = new StringBuilder();
        for (byte each : key) {
            text.append(show(each));
        }
        return text.toString();
    }

    private static String show(byte each) {
        return switch (each) {
            case '\\' -> "\\\\";
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            default -> each >= ' ' && each < 0x7f ? String.valueOf((char) each) : "\\x%02x".formatted(each & 0xff);
        };
    }
}
