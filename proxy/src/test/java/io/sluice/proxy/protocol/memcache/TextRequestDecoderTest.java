package io.sluice.proxy.protocol.memcache;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.testing.Seed;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextRequestDecoderTest {

    private static final TextLimits LIMITS = new TextLimits(4096, 20);
    private static final String NEXT = "get next\r\n";

    // ---- what passes

    @ParameterizedTest
    @ValueSource(
            strings = {
                "get k\r\n",
                "get k\n",
                "get a bb ccc a\r\n",
                "  get   a  b \r\n",
                "gets noreply\r\n",
                "gat 60 a b\r\n",
                "get caf\u00e9\u00ff\r\n",
                "set k 0 0 5\r\nhello\r\n",
                "set k 0 0 0\r\n\r\n",
                "set k 4294967295 -1 7 \r\nget x\r\n\r\n",
                "add k 1 2147483647 00002\r\n\n\n\r\n",
                "replace k 0 -2147483648 1\na\r\n",
                "append k 0 0 1\r\na\r\n",
                "prepend k 0 0 1\r\na\r\n",
                "cas k 0 0 1 18446744073709551615\r\na\r\n",
                "delete k\r\n",
                "delete noreply\r\n",
                "delete k 0\r\n",
                "incr k 18446744073709551615\r\n",
                "decr noreply 1\r\n",
                "touch k 0\r\n",
                "version\r\n",
                "quit\r\n",
                "stats items\r\n",
                "ms k 5 T0\r\nquit!\r\n"
            })
    void passesWhatIsARequest(String request) {
        assertDecoded(request + NEXT + request, request, NEXT, request);
    }

    @ParameterizedTest
    @CsvSource({
        "set k 0 0 5 noreply|hello|, set k 0 0 5|hello|",
        "set k 0 0 5  noreply |hello|, set k 0 0 5 |hello|",
        "cas k 0 0 1 7 noreply|a|, cas k 0 0 1 7|a|",
        "delete k noreply|, delete k|",
        "delete k 0 noreply|, delete k 0|",
        "delete noreply noreply|, delete noreply|",
        "incr k 1 noreply|, incr k 1|",
        "touch k 0 noreply|, touch k 0|",
        "incr k noreply|, incr k|",
        "decr k noreply|, decr k|",
        "touch k noreply|, touch k|",
        "flush_all noreply|, flush_all|",
        "flush_all 10 noreply|, flush_all 10|",
        "verbosity 1 noreply|, verbosity 1|"
    })
    void serversAreNotToldNoreply(String request, String forwarded) {
        assertDecoded(lines(request) + NEXT, "~" + lines(forwarded), NEXT);
    }

    private static String lines(String text) {
        return text.replace("|", "\r\n");
    }

    // ---- what is answered, and goes on

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\r\n",
                "\n",
                "  \r\n",
                "nosuch a b\r\n",
                "GET k\r\n",
                "Version\r\n",
                "gett k\r\n",
                "FLUSH_ALL\r\n"
            })
    void aLineThatIsNoCommandIsUnknown(String line) {
        assertDecoded(line + NEXT, "[unknown]", NEXT);
    }

    @Test
    void aKeyMayHave250Bytes() {
        String longest = "k".repeat(250);
        String tooLong = longest + "k";
        String error = "[MALFORMED bad command line format: a key is longer than 250 bytes]";

        assertDecoded("get " + longest + "\r\n", "get " + longest + "\r\n");
        assertDecoded("get a " + tooLong + "\r\n" + NEXT, error, NEXT);
        assertDecoded("gat 1 " + tooLong + "\r\n" + NEXT, error, NEXT);
        assertDecoded("delete " + tooLong + "\r\n" + NEXT, error, NEXT);
        assertDecoded("set " + tooLong + " 0 0 7\r\nquit\r\nx\r\n" + NEXT, error, NEXT);
        assertDecoded("set " + tooLong + " 0 0 7 noreply\r\nquit\r\nx\r\n" + NEXT, "~" + error, NEXT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "get a\tb\r\n",
                "get a\0\r\n",
                "get \u0001 b\r\n",
                "get a\rb\r\n",
                "set a\u001f 0 0 6\r\nquit\r\n\r\n"
            })
    void controlCharactersAreRefused(String request) {
        assertDecoded(request + NEXT, "[MALFORMED bad command line format: a control character]", NEXT);
    }

    @ParameterizedTest
    @CsvSource({
        "set k x 0 6, the flags are not a number of 32 bits",
        "set k -1 0 6, the flags are not a number of 32 bits",
        "set k +1 0 6, the flags are not a number of 32 bits",
        "set k 4294967296 0 6, the flags are not a number of 32 bits",
        "set k 9999999999999999999999999 0 6, the flags are not a number of 32 bits",
        "set k 0 2147483648 6, the expiration time is not a number of 32 bits",
        "set k 0 -2147483649 6, the expiration time is not a number of 32 bits",
        "set k 0 - 6, the expiration time is not a number of 32 bits",
        "set k 0 1.5 6, the expiration time is not a number of 32 bits",
        "cas k 0 0 6 18446744073709551616, the unique number is not one of 64 bits",
        "cas k 0 0 6 99999999999999999999, the unique number is not one of 64 bits",
        "cas k 0 0 6 -1, the unique number is not one of 64 bits"
    })
    void numbersThatServersDifferAboutAreRefusedTogetherWithTheValue(String line, String problem) {
        assertDecoded(line + "\r\nquit\r\n\r\n" + NEXT, "[MALFORMED bad command line format: " + problem + "]", NEXT);
    }

    @Test
    void aValueThatIsTooLargeIsSkipped() {
        String header = "set k 0 0 4079\r\n"; // and CRLF: one more than may be
        String fits = "set k 0 0 4078\r\n" + "v".repeat(4078) + "\r\n";
        String error = "[TOO_LARGE more than 4096 bytes (limits.max_request_bytes)]";

        assertThat(fits).hasSize(LIMITS.maxRequestBytes());
        assertDecoded(fits + NEXT, fits, NEXT);
        assertDecoded(header + "get x\r\n".repeat(582) + "quit\r\r\n" + NEXT, error, NEXT);
        assertDecoded("add k 0 0 5000 noreply\r\n" + "\r\n".repeat(2501) + NEXT, "~" + error, NEXT);
    }

    @Test
    void skippingHoldsNothing() throws Exception {
        String begun = "set k 0 0 2147483645\r\n" + "x".repeat(1000);

        Decoding decoding = Decoding.of(LIMITS, begun);

        assertThat(decoding).isEqualTo(new Decoding(List.of(), begun.length(), null));
    }

    @Test
    void wordsAreBounded() {
        String most = "get" + " k".repeat(19) + "\r\n";

        assertDecoded(most, most);
        assertDecoded(
                "get" + " k".repeat(20) + "\r\n" + NEXT,
                "[MALFORMED bad command line format: more than 20 words (limits.max_arguments)]",
                NEXT);
    }

    // ---- what ends the connection

    @ParameterizedTest
    @ValueSource(
            strings = {
                "set k 0 0\r\nquit\r\n",
                "set k 0 0 5 6\r\nquit\r\n",
                "set my key 0 0 5\r\nhello\r\n",
                "set k 0 0 5 noreply noreply\r\nhello\r\n",
                "set\r\nquit\r\n",
                "cas k 0 0 5\r\nhello\r\n",
                "ms k\r\nquit\r\n"
            })
    void itMustBeClearWhichArgumentTheLengthIs(String input) {
        assertThat(errorOf(input)).contains("so that it is clear where its value ends");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "x", "+5", "5x", "0x5", "2147483646", "99999999999999999999", "1,0", "noreply"})
    void theLengthMustBeANumber(String length) {
        assertThat(errorOf("set k 0 0 " + length + "\r\nhello\r\n"))
                .isEqualTo("bad command line format: the length of the value is not a number");
    }

    @ParameterizedTest
    @ValueSource(strings = {"hello!\r\nquit\r\n", "hell\r\nquit\r\n", "hello\n\nquit\r\n", "hello\rquit\r\n"})
    void aValueMustEndWhereItSays(String value) {
        assertThat(errorOf("set k 0 0 5\r\n" + value)).startsWith("bad data chunk");
    }

    @Test
    void aValueBehindACommandInCapitalsIsNotReadAsCommands() {
        assertThat(errorOf("SET k 0 0 6\r\nquit\r\n\r\n")).isEqualTo("commands are written in lower case: set");
    }

    @Test
    void aBrowserIsSentAway() {
        assertThat(errorOf("POST / HTTP/1.1\r\nflush_all\r\n")).isEqualTo("this is memcached, not HTTP");
    }

    @Test
    void linesAreBounded() {
        String longest = "touch k " + "0".repeat(2038) + "\r\n";

        assertThat(longest).hasSize(2048);
        assertDecoded(longest, longest);
        assertThat(errorOf(longest.replace("\r", "0\r"))).isEqualTo("line too long: more than 2048 bytes");
        assertThat(errorOf("g".repeat(2049))).isEqualTo("line too long: more than 2048 bytes");
        assertThat(errorOf("gat 0 " + "k".repeat(2049))).isEqualTo("line too long: more than 2048 bytes");
        assertThat(errorOf(" ".repeat(2049))).isEqualTo("line too long: more than 2048 bytes");
        assertThat(errorOf("get " + "k ".repeat(2047))).isEqualTo("line too long: more than 4096 bytes");
        assertThat(errorOf(" get " + "k ".repeat(1022))).isEqualTo("line too long: more than 2048 bytes");
    }

    @Test
    void aGetMayBeLongButNotThatLong() {
        TextLimits wide = new TextLimits(64 << 20, 1 << 20);
        String longest = "get " + "kkk ".repeat((1 << 18) - 2) + "kk\r\n";

        assertThat(longest).hasSize(1 << 20);
        assertThat(Decoding.of(wide, longest).requests()).containsExactly(longest);
        assertThat(Decoding.of(wide, "get k" + longest.substring(3)).error())
                .isEqualTo("line too long: more than 1048576 bytes");
    }

    // ---- in pieces, and at random

    @Test
    void madeUpAndMutatedBytesAreTheSameInAnyPieces() {
        Seed seed = Seed.next("TextRequestDecoderTest");
        SplittableRandom random = seed.random();
        for (int i = 0; i < 3000; i++) {
            String input = mutated(random);

            Decoding whole = Decoding.of(LIMITS, input);

            int cut = random.nextInt(input.length() + 1);
            assertThat(Decoding.of(LIMITS, input, cut)).as("%s %s", seed, i).isEqualTo(whole);
            assertThat(Decoding.byteByByte(LIMITS, input)).as("%s %s", seed, i).isEqualTo(whole);
        }
    }

    private static String mutated(SplittableRandom random) {
        String[] some = {
            "get a b\r\n",
            "set k 0 0 5\r\nhello\r\n",
            "cas k 1 2 3 4 noreply\r\nabc\r\n",
            "delete k noreply\r\n",
            "incr k 5\r\n",
            "SET k 0 0 2\r\nhi\r\n",
            "ms k 2\r\nhi\r\n",
            "set k 0 0 99999\r\n",
            "\r\n",
            "noreply\r\n"
        };
        StringBuilder input = new StringBuilder();
        for (int i = random.nextInt(1, 6); i > 0; i--) {
            input.append(some[random.nextInt(some.length)]);
        }
        String alphabet = "\r\n \0 019-noreplyset";
        for (int i = random.nextInt(4); i > 0; i--) {
            int at = random.nextInt(input.length());
            char other = alphabet.charAt(random.nextInt(alphabet.length()));
            switch (random.nextInt(3)) {
                case 0 -> input.setCharAt(at, other);
                case 1 -> input.insert(at, other);
                default -> input.deleteCharAt(at).append(' ');
            }
        }
        return input.toString();
    }

    @Test
    void randomBytesNeverThrowAnythingElse() {
        SplittableRandom random = Seed.next("TextRequestDecoderTest random").random();
        for (int i = 0; i < 2000; i++) {
            byte[] bytes = new byte[random.nextInt(200)];
            random.nextBytes(bytes);
            String input = new String(bytes, StandardCharsets.ISO_8859_1);

            Decoding whole = Decoding.of(LIMITS, input);

            assertThat(Decoding.byteByByte(LIMITS, input)).isEqualTo(whole);
        }
    }

    private static String errorOf(String input) {
        Decoding whole = Decoding.of(LIMITS, input);
        assertThat(whole.requests()).isEmpty();
        assertThat(Decoding.byteByByte(LIMITS, input)).isEqualTo(whole);
        return String.valueOf(whole.error());
    }

    private static void assertDecoded(String input, String... requests) {
        Decoding expected = new Decoding(List.of(requests), input.length(), null);
        assertThat(Decoding.of(LIMITS, input)).isEqualTo(expected);
        assertThat(Decoding.byteByByte(LIMITS, input)).isEqualTo(expected);
        for (int cut = 1; cut < input.length(); cut++) {
            assertThat(Decoding.of(LIMITS, input, cut)).as("cut at %s", cut).isEqualTo(expected);
        }
    }
}
