package io.sluice.launcher.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyTextTest {

    @Test
    void plainTextIsUtf8() {
        byte[] key = KeyText.parse("café:1");

        assertThat(key).isEqualTo("café:1".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void escapesStandForBytes() {
        byte[] key = KeyText.parse("a\\xff\\x00\\n\\r\\t\\\\z");

        assertThat(key).isEqualTo(new byte[] {'a', (byte) 0xff, 0, '\n', '\r', '\t', '\\', 'z'});
    }

    @ParameterizedTest
    @ValueSource(strings = {"\\", "\\x", "\\x1", "\\xg0", "\\x0g", "\\q", "end\\"})
    void otherEscapesAreRefused(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> KeyText.parse(text))
                .withMessageContaining("'" + text + "'");
    }

    @Test
    void everyByteSurvivesShowingAndParsing() {
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }

        byte[] again = KeyText.parse(KeyText.show(all));

        assertThat(again).isEqualTo(all);
        assertThat(KeyText.show(all)).matches("[ -~]*");
    }
}
