package io.sluice.routing.hash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HashTagTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "{} {user1}:name user1",
                "{} a{b}c{d}e b",
                "{} a{b{c}d}e b{c",
                "{} a}b{c}d c",
                "{} a{} a{}",
                "{} {}a{b} {}a{b}",
                "{} a{b a{b",
                "{} ab} ab}",
                "{} }a{ }a{",
                "{} plain plain",
                "$$ a$b$c b",
                "$$ a$b a$b",
                "$$ $$a$ $$a$",
                "() a(b)c b",
            })
    void isWhatLiesBetweenTheFirstTwo(String tag, String key, String part) {
        assertThat(part(HashTag.of(tag), key)).isEqualTo(part);
    }

    @Test
    void staysInsideThePartAskedFor() {
        byte[] bytes = "{x}ab{c}d}".getBytes(StandardCharsets.UTF_8);

        long span = HashTag.BRACES.span(bytes, 3, 5);
        long cutOff = HashTag.BRACES.span(bytes, 3, 4);

        assertThat(HashTag.offset(span)).isEqualTo(6);
        assertThat(HashTag.length(span)).isEqualTo(1);
        assertThat(cutOff).isEqualTo(HashTag.wholeKey(3, 4));
    }

    @Test
    void anEmptyTagMayCount() {
        byte[] key = "a{}b{c}".getBytes(StandardCharsets.UTF_8);

        long span = HashTag.BRACES.spanMaybeEmpty(key, 0, key.length);

        assertThat(HashTag.length(span)).isZero();
    }

    @Test
    void withoutATagTheWholeKeyCountsEvenWhereEmptyTagsDo() {
        byte[] key = "{a".getBytes(StandardCharsets.UTF_8);

        long span = HashTag.BRACES.spanMaybeEmpty(key, 0, key.length);

        assertThat(span).isEqualTo(HashTag.wholeKey(0, 2));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "{}}", "ée"})
    void hasExactlyTwoBytes(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> HashTag.of(text)).withMessageContaining("two characters");
    }

    @Test
    void readsAsTheFileWritesIt() {
        assertThat(HashTag.of("{}")).isEqualTo(HashTag.BRACES).hasToString("{}");
    }

    private static String part(HashTag tag, String key) {
        byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
        long span = tag.span(bytes, 0, bytes.length);
        return new String(bytes, HashTag.offset(span), HashTag.length(span), StandardCharsets.UTF_8);
    }
}
