package io.sluice.proxy.protocol.resp;

import io.sluice.proxy.command.Arguments;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/** Writes RESP2 into bytes, for replies that are rare and need not be fast. */
final class RespBytes {
    private static final int MAX_ECHOED = 128; // as much of a client's word as Redis repeats in an error

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    RespBytes array(int size) {
        return line("*" + size);
    }

    RespBytes nullArray() {
        return line("*-1");
    }

    RespBytes integer(long value) {
        return line(":" + value);
    }

    RespBytes status(String text) {
        return line("+" + text);
    }

    RespBytes error(String text) {
        return line("-" + text);
    }

    RespBytes bulk(String text) {
        return line("$" + text.length()).line(text);
    }

    RespBytes bulk(Arguments arguments, int argument) {
        int length = arguments.length(argument);
        line("$" + length);
        for (int i = 0; i < length; i++) {
            out.write(arguments.byteAt(argument, i));
        }
        return line("");
    }

    RespBytes statuses(List<String> words) {
        array(words.size());
        words.forEach(word -> line("+" + word));
        return this;
    }

    byte[] toByteArray() {
        return out.toByteArray();
    }

    private RespBytes line(String text) {
        out.writeBytes((text + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
        return this;
    }

    /** The beginning of an argument in lower case, enough of it to compare it with a name. */
    static String lowerCase(Arguments arguments, int argument) {
        return beginning(arguments, argument).toLowerCase(Locale.ROOT);
    }

    /** The beginning of an argument with nothing in it that could end a line. */
    static String printable(Arguments arguments, int argument) {
        return beginning(arguments, argument).replace('\r', ' ').replace('\n', ' ');
    }

    private static String beginning(Arguments arguments, int argument) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < Math.min(arguments.length(argument), MAX_ECHOED); i++) {
            text.append((char) (arguments.byteAt(argument, i) & 0xFF));
        }
        return text.toString();
    }
}
