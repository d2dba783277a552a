package io.sluice.manager.migration.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class TextsTest {

    private final Texts texts = new Texts();

    private boolean add(String key, String text) {
        return texts.add(RedisLink.ascii(key), RedisLink.ascii(text));
    }

    private static String told(Frame frame) {
        String keys = frame.keys().stream()
                .map(key -> CommandKeys.text(frame.parts().get(key)))
                .collect(Collectors.joining(","));
        String command = frame.parts().stream().map(CommandKeys::text).collect(Collectors.joining(" "));
        return frame.kind() + " " + frame.database() + " " + keys + ": " + command;
    }

    @Test
    void oneCommandBringsThemAll() {
        assertThat(add("a", "1")).isFalse();
        assertThat(add("b", "")).isFalse();

        assertThat(texts.take(3).map(TextsTest::told)).contains("FINAL 3 a,b: MSET a 1 b ");
        assertThat(texts.take(3)).isEmpty();
    }

    @Test
    void isFullAtItsMostKeysAndNotBefore() {
        for (int i = 1; i < Texts.MOST_KEYS; i++) {
            assertThat(add("k" + i, "v")).isFalse();
        }

        assertThat(add("last", "v")).isTrue();

        Frame full = texts.take(0).orElseThrow();
        assertThat(full.keys()).hasSize(Texts.MOST_KEYS);
        assertThat(full.keyCount()).isEqualTo(Texts.MOST_KEYS);
        assertThat(add("next", "v")).isFalse();
    }

    @Test
    void isFullAtItsMostBytes() {
        String text = "x".repeat(Texts.MOST_TEXT - 1);
        for (int i = 1; i < Texts.MOST_BYTES / Texts.MOST_TEXT; i++) {
            assertThat(add("k", text)).isFalse();
        }

        assertThat(add("k", text)).isTrue();
    }

    @Test
    void aNameMayBeAsLongAsItLikes() {
        assertThat(add("k".repeat(Texts.MOST_BYTES), "")).isTrue();
        assertThat(texts.take(0).orElseThrow().keys()).hasSize(1);
    }
}
