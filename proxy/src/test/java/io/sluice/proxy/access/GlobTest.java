package io.sluice.proxy.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.command.TextArguments;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobTest {

    @ParameterizedTest
    @CsvSource(quoteCharacter = '"', textBlock = """
            cache:*,     cache:1,        true
            cache:*,     cache:,         true
            cache:*,     cache,          false
            cache:*,     xcache:1,       false
            *,           anything,       true
            **,          a,              true
            *a,          banana,         true
            *a,          bananas,        false
            *a*b*c,      xaxbxc,         true
            *a*b*c,      xaxcxb,         false
            h?llo,       hello,          true
            h?llo,       hllo,           false
            h[ae]llo,    hallo,          true
            h[ae]llo,    hillo,          false
            h[^e]llo,    hallo,          true
            h[^e]llo,    hello,          false
            h[a-c]llo,   hbllo,          true
            h[c-a]llo,   hbllo,          true
            h[a-c]llo,   hdllo,          false
            a\\*b,        a*b,            true
            a\\*b,        axb,            false
            a\\?,         a?,             true
            [\\]],        ],              true
            [\\\\],        \\,              true
            [a-],        -,              false
            [a,          a,              true
            [a,          b,              false
            [^,          x,              true
            [,           x,              false
            [],          x,              false
            a\\,          a\\,             true
            Cache:*,     cache:1,        false
            "",          x,              false
            """)
    void decidesAsRedisDoes(String pattern, String key, boolean matches) {
        assertThat(matches(pattern, key)).isEqualTo(matches);
    }

    @Test
    void anEmptyKeyMatchesAnEmptyPatternOnly() {
        assertThat(matches("", "")).isTrue();
        assertThat(matches("*", "")).isFalse();
        assertThat(matches("?", "")).isFalse();
    }

    @Test
    void aLongKeyAndManyStarsTakeNoTimeWorthMentioning() {
        String pattern = "*a".repeat(60) + "b";
        String key = "a".repeat(100_000);

        Assertions.assertTimeoutPreemptively(
                Duration.ofSeconds(5), () -> assertThat(matches(pattern, key)).isFalse());
    }

    /** The C code of Redis' stringmatchlen, told again as it is: with recursion. */
    @Test
    void decidesAsTheRecursiveOriginalOnRandomTexts() {
        Random random = new Random(Long.getLong("sluice.seed", 7));
        for (int i = 0; i < 200_000; i++) {
            String pattern = random(random, "ab*?[]^-\\", 8);
            String key = random(random, "ab*]-\\", 8);

            assertThat(matches(pattern, key))
                    .as("pattern=%s key=%s", pattern, key)
                    .isEqualTo(RecursiveGlob.matches(pattern, key));
        }
    }

    private static String random(Random random, String alphabet, int most) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(most + 1); i > 0; i--) {
            text.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        return text.toString();
    }

    private static boolean matches(String pattern, String key) {
        return Glob.matches(pattern.getBytes(StandardCharsets.ISO_8859_1), TextArguments.of("GET", key), 1);
    }
}
