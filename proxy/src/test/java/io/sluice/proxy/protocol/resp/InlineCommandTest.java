package io.sluice.proxy.protocol.resp;

import static io.sluice.proxy.testing.RespFrames.request;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.testing.RequestDecoding;
import io.sluice.proxy.testing.RespFrames;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands typed as a line. What each line means was asked of redis-server 7.0.15, by RPUSH. */
class InlineCommandTest {

    private static final RespLimits LIMITS = new RespLimits(1 << 20, 1024, 64);

    static Stream<Arguments> lines() {
        return Stream.of(
                line("plain words", "plain", "words"),
                line("  spaces \t around  ", "spaces", "around"),
                line("a\rb", "a", "b"),
                line("a\u000bb", "a\u000bb"),
                line("a\fb", "a\fb"),
                line("a\u000b", "a\u000b"),
                line("\u000ba", "a"),
                line("\"a\"\u000bb", "a", "b"),
                line("a\"b c\"", "ab c"),
                line("\"a\"\t\"b\"", "a", "b"),
                line("\"\"", ""),
                line("''", ""),
                line("'' \"\"", "", ""),
                line("'a\\'b\\n'", "a'b\\n"),
                line("'a\"b'", "a\"b"),
                line("\"a'b\"", "a'b"),
                line("\"\\x41\\xZZ\\x4\"", "AxZZx4"),
                line("\"\\xff\\x00\"", "\u00ff\0"),
                line("\"\\q\\\\\\\"\"", "q\\\""),
                line("\"\\n\\r\\t\\b\\a\"", "\n\r\t\b\u0007"),
                line("a\\n", "a\\n"),
                line("\u00e9\u00ff", "\u00e9\u00ff"),
                line("$3 +1", "$3", "+1"));
    }

    private static Arguments line(String line, String... arguments) {
        return Arguments.of(line, List.of(arguments));
    }

    @ParameterizedTest
    @MethodSource("lines")
    void splitsAsRedisDoes(String line, List<String> arguments) {
        for (String end : List.of("\n", "\r\n")) {
            RequestDecoding decoding = Decoding.of(LIMITS, "x " + line + end);

            assertThat(decoding.error()).isNull();
            assertThat(decoding.requests()).hasSize(1);
            assertThat(decoding.requests().get(0).subList(1, arguments.size() + 1))
                    .isEqualTo(arguments);
            assertThat(decoding.requests().get(0)).hasSize(arguments.size() + 1);
        }
    }

    @ParameterizedTest
    @MethodSource("lines")
    void meansTheSameAtEveryCut(String line, List<String> arguments) {
        String input = line + "\r\n" + request("GET", "a") + line + "\n";
        RequestDecoding whole = Decoding.of(LIMITS, input);

        assertThat(whole.requests()).containsExactly(arguments, List.of("GET", "a"), arguments);
        assertThat(Decoding.byteByByte(LIMITS, input)).isEqualTo(whole);
        for (int cut = 0; cut <= input.length(); cut++) {
            assertThat(Decoding.of(LIMITS, input, cut)).as("cut at %d", cut).isEqualTo(whole);
        }
    }

    @ParameterizedTest
    @MethodSource("lines")
    void serversGetAnArray(String line, List<String> arguments) {
        RequestDecoding decoding = Decoding.of(LIMITS, line + "\r\n");

        assertThat(decoding.forwarded()).containsExactly(request(arguments));
        assertThat(RespFrames.readAsServer(decoding.forwarded().get(0))).containsExactly(arguments);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"",
                "'",
                "set k \"a",
                "set k \"a\\",
                "set k \"a\\\"",
                "set k 'a\\'",
                "\"a\"b",
                "a\"b\"c",
                "'a'b"
            })
    void refusesUnbalancedQuotes(String line) {
        assertThat(Decoding.of(LIMITS, line + "\r\n").error()).isEqualTo("unbalanced quotes in request");
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST / HTTP/1.1", "post /", "Host: localhost", "HOST: x", "\"POST\" /", "  POST"})
    void hangsUpOnBrowsers(String line) {
        assertThat(Decoding.of(LIMITS, line + "\r\n").error()).isEqualTo("this is not an HTTP server");
    }

    @Test
    void aBrowsersWordsAreWordsElsewhere() {
        assertThat(Decoding.of(LIMITS, "GET POST\r\n").requests()).containsExactly(List.of("GET", "POST"));
        assertThat(Decoding.of(LIMITS, "GET host:\r\n").requests()).containsExactly(List.of("GET", "host:"));
    }

    @Test
    void takesLinesAsLongAsAllowed() {
        String longest = "x".repeat(LIMITS.maxInlineBytes() - 1) + "\n";

        assertThat(Decoding.of(LIMITS, longest).requests()).hasSize(1);
        assertThat(Decoding.of(LIMITS, "x" + longest).error()).isEqualTo("too big inline request");
        assertThat(Decoding.byteByByte(LIMITS, "x" + longest).error()).isEqualTo("too big inline request");
    }

    @Test
    void refusesALineWithoutAnEnd() {
        assertThat(Decoding.of(LIMITS, "x".repeat(LIMITS.maxInlineBytes() - 1)).error())
                .isNull();
        assertThat(Decoding.of(LIMITS, "x".repeat(LIMITS.maxInlineBytes())).error())
                .isEqualTo("too big inline request");
    }
}
