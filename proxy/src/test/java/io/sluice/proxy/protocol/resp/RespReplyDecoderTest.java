package io.sluice.proxy.protocol.resp;

import static io.sluice.proxy.testing.RespFrames.bulk;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.proxy.protocol.ProtocolException;
import io.sluice.proxy.testing.Pieces;
import io.sluice.proxy.testing.ReplyDecoding;
import io.sluice.proxy.testing.ReplyDecoding.Taking;
import io.sluice.proxy.testing.RespFrames;
import io.sluice.proxy.testing.Seed;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RespReplyDecoderTest {

    private static final String DEEP = "*1\r\n".repeat(200) + ":1\r\n";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "+OK\r\n",
                "+\r\n",
                "-ERR no\r\n",
                ":0\r\n",
                ":-9223372036854775808\r\n",
                "$-1\r\n",
                "$0\r\n\r\n",
                "$5\r\nhello\r\n",
                "$13\r\n\r\n$3\r\n*1\r\n+\r\n\r\n",
                "*-1\r\n",
                "*0\r\n",
                "*1\r\n*0\r\n",
                "*2\r\n$-1\r\n*-1\r\n",
                "*3\r\n:1\r\n$1\r\na\r\n+x\r\n",
                "*2\r\n*2\r\n:1\r\n*1\r\n$0\r\n\r\n*2\r\n-ERR x\r\n*-1\r\n",
                "+lone \r is no end\r\n"
            })
    void findsWhereAReplyEnds(String reply) {
        assertReplies(reply, "+next\r\n", reply, "*1\r\n$1\r\n\r\r\n", reply);
    }

    @Test
    void nestingNeedsNoStack() {
        assertReplies(DEEP, DEEP);
        assertThat(decode("*1\r\n".repeat(1_000_000) + ":1\r\n", Taking.WHOLE).replies())
                .hasSize(1);
    }

    @Test
    void binaryBulkStringsAreNotLookedAt() {
        StringBuilder allBytes = new StringBuilder();
        for (int i = 0; i < 256; i++) {
            allBytes.append((char) i);
        }

        assertReplies(bulk(allBytes.toString()), "*1\r\n" + bulk(allBytes.toString()));
    }

    @Test
    void tellsHowManyBytesAreMissing() throws ProtocolException {
        RespReplyDecoder decoder = new RespReplyDecoder();

        assertThat(decoder.decode(Unpooled.wrappedBuffer(RespFrames.bytes("$100\r\nabc"))))
                .isFalse();

        assertThat(decoder.missing()).isEqualTo(100 - 3 + 2);
        assertThat(decoder.scanned()).isEqualTo("$100\r\nabc".length());
    }

    @Test
    void aHugeBulkStringIsAnnouncedAndPassedOnInPieces() throws ProtocolException {
        RespReplyDecoder decoder = new RespReplyDecoder();
        ByteBuf header = Unpooled.wrappedBuffer(RespFrames.bytes("$4294967296\r\n"));
        ByteBuf piece = Unpooled.wrappedBuffer(new byte[1 << 20]);

        assertThat(decoder.decode(header)).isFalse();
        decoder.pieceTaken();
        for (int i = 0; i < 4096; i++) {
            assertThat(decoder.decode(piece)).isFalse();
            assertThat(decoder.scanned()).isEqualTo(1 << 20);
            decoder.pieceTaken();
        }
        assertThat(decoder.missing()).isEqualTo(2);

        assertThat(decoder.decode(Unpooled.wrappedBuffer(RespFrames.bytes("\r\n"))))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x\r\n",
                "\r\n",
                "\0",
                "HTTP/1.1 400 Bad Request\r\n",
                "+\n",
                "+OK\n",
                ":1\n",
                "$\r\n",
                "$x\r\n",
                "$-2\r\n",
                "$-\r\n",
                "$1\n",
                "$1\rx",
                "$1x\r\n",
                "$4294967297\r\n",
                "$9999999999999999999\r\n",
                "$1\r\nab\n",
                "$1\r\na\rb",
                "$1\r\nabc",
                "$0\r\n\n\r",
                "*\r\n",
                "*-2\r\n",
                "*x\r\n",
                "*2147483648\r\n",
                "*9999999999999999999\r\n",
                "*2\r\n:1\r\n?",
                ">1\r\n+push\r\n",
                "%1\r\n+a\r\n+b\r\n"
            })
    void refusesWhatIsNoReply(String garbage) {
        ReplyDecoding whole = decode("+OK\r\n" + garbage, Taking.WHOLE);

        assertThat(whole.error()).isNotNull();
        assertThat(whole.replies()).containsExactly("+OK\r\n");
        assertSameAtEveryCut("+OK\r\n" + garbage);
    }

    @Test
    void boundsTheElementsOfOneReply() {
        String half = "*2147483647\r\n";

        assertThat(decode(half + half, Taking.WHOLE).error()).isNull();
        assertThat(decode(half + half + half, Taking.WHOLE).error())
                .isEqualTo("a reply announces an array of 2147483647 elements");
    }

    @Test
    void boundsALine() {
        String longest = "+" + "x".repeat(RespReplyDecoder.MAX_LINE_BYTES - 3) + "\r\n";

        assertThat(decode(longest, Taking.WHOLE).replies()).containsExactly(longest);
        assertThat(decode("+" + longest, Taking.WHOLE).error())
                .isEqualTo("a line of a reply is longer than 65536 bytes");
        assertThat(decode("+" + longest.strip(), Taking.WHOLE).error()).isNull();
        assertThat(decode("+x" + longest.strip(), Taking.WHOLE).error()).isNotNull();
    }

    // ---- random bytes

    private static final String ALPHABET = "+-:$*$*0011234-\r\n\r\n\r\n\r\nxyz\0\u00ff";

    @Test
    void damagedRepliesMeanTheSameHoweverTheyAreCut() {
        Seed seed = Seed.next("RespReplyDecoderTest");
        SplittableRandom random = seed.random();
        for (int round = 0; round < 50_000; round++) {
            String input = damaged(randomReply(random, 3) + randomReply(random, 2), random);
            ReplyDecoding whole = decode(input, Taking.WHOLE);
            int first = random.nextInt(input.length() + 1);
            int second = first + random.nextInt(input.length() + 1 - first);

            for (Taking taking : Taking.values()) {
                assertThat(decode(input, taking, first, second))
                        .as("%s: %s cut at %d and %d", seed, input, first, second)
                        .isEqualTo(whole);
                assertThat(decode(input, taking, Pieces.everyByte(input)))
                        .as("%s: %s byte by byte", seed, input)
                        .isEqualTo(whole);
            }
        }
    }

    private static String randomReply(SplittableRandom random, int depth) {
        switch (random.nextInt(depth > 0 ? 7 : 5)) {
            case 0:
                return "+OK\r\n";
            case 1:
                return ":" + random.nextInt(1000) + "\r\n";
            case 2:
                return "$-1\r\n";
            case 3:
                return "-ERR x\r\n";
            case 4:
                return bulk("\r\n:1\r\n".substring(random.nextInt(5)));
            default:
                int elements = random.nextInt(4);
                StringBuilder array = new StringBuilder("*" + elements + "\r\n");
                for (int i = 0; i < elements; i++) {
                    array.append(randomReply(random, depth - 1));
                }
                return array.toString();
        }
    }

    private static String damaged(String replies, SplittableRandom random) {
        StringBuilder text = new StringBuilder(replies);
        int blows = random.nextInt(3);
        for (int i = 0; i < blows; i++) {
            char other = ALPHABET.charAt(random.nextInt(ALPHABET.length()));
            if (random.nextBoolean()) {
                text.setCharAt(random.nextInt(text.length()), other);
            } else {
                text.insert(random.nextInt(text.length()), other);
            }
        }
        return text.toString();
    }

    // ---- how it is asserted

    private static void assertReplies(String... replies) {
        String input = String.join("", replies);

        assertThat(decode(input, Taking.WHOLE)).isEqualTo(new ReplyDecoding(List.of(replies), null));
        assertSameAtEveryCut(input);
    }

    private static void assertSameAtEveryCut(String input) {
        ReplyDecoding whole = decode(input, Taking.WHOLE);
        for (Taking taking : Taking.values()) {
            assertThat(decode(input, taking, Pieces.everyByte(input)))
                    .as("byte by byte, taken %s", taking)
                    .isEqualTo(whole);
            for (int cut = 0; cut <= input.length(); cut++) {
                assertThat(decode(input, taking, cut))
                        .as("cut at %d, taken %s", cut, taking)
                        .isEqualTo(whole);
            }
        }
    }

    private static ReplyDecoding decode(String input, Taking taking, int... cuts) {
        return ReplyDecoding.of(new RespReplyDecoder(), taking, input, cuts);
    }
}
