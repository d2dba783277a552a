package io.sluice.manager.migration.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class WireBytesTest {

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Test
    void countsWhatACommandIsOnTheWire() {
        assertThat(WireBytes.of(bytes("GET"), bytes("key"))).isEqualTo("*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n".length());
        assertThat(WireBytes.of(bytes("SET"), bytes(""), bytes("0123456789")))
                .isEqualTo("*3\r\n$3\r\nSET\r\n$0\r\n\r\n$10\r\n0123456789\r\n".length());
    }

    @Test
    void countsTheDigitsOfLengths() {
        for (int length : List.of(9, 10, 99, 100, 999, 1_000, 100_000)) {
            String header = "*1\r\n$" + length + "\r\n";

            assertThat(WireBytes.of(new byte[length])).isEqualTo(header.length() + length + 2L);
        }
    }

    @Test
    void framesCountWhatTheySend() {
        byte[] key = bytes("k");
        LongText text = new LongText(0, key, 5);
        long whole = WireBytes.of(bytes("SET"), key, bytes("hello"));

        assertThat(text.begin().wireBytes()
                        + text.piece(bytes("hello")).wireBytes()
                        + text.end().wireBytes())
                .isEqualTo(whole);
        assertThat(new Frame(Frame.Kind.FINAL, 0, 0, 0, List.of(1), List.of(bytes("SET"), key, bytes("hello")))
                        .wireBytes())
                .isEqualTo(whole);
        assertThat(Frame.firstPassOver(7).wireBytes()).isZero();
    }
}
