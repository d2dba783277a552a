package io.sluice.proxy.protocol.resp;

import static io.sluice.proxy.testing.RespFrames.bulk;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.proxy.protocol.ProtocolException;
import io.sluice.proxy.testing.RespFrames;
import io.sluice.proxy.testing.Seed;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
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
        assertThat(decode("*1\r\n".repeat(1_000_000) + ":1\r\n", false).replies())
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
        Decoded whole = decode("+OK\r\n" + garbage, false);

        assertThat(whole.error()).isNotNull();
        assertThat(whole.replies()).containsExactly("+OK\r\n");
        assertSameAtEveryCut("+OK\r\n" + garbage);
    }

    @Test
    void boundsTheElementsOfOneReply() {
        String half = "*2147483647\r\n";

        assertThat(decode(half + half, false).error()).isNull();
        assertThat(decode(half + half + half, false).error())
                .isEqualTo("a reply announces an array of 2147483647 elements");
    }

    @Test
    void boundsALine() {
        String longest = "+" + "x".repeat(RespReplyDecoder.MAX_LINE_BYTES - 3) + "\r\n";

        assertThat(decode(longest, false).replies()).containsExactly(longest);
        assertThat(decode("+" + longest, false).error()).isEqualTo("a line of a reply is longer than 65536 bytes");
        assertThat(decode("+" + longest.strip(), false).error()).isNull();
        assertThat(decode("+x" + longest.strip(), false).error()).isNotNull();
    }

    // ---- random bytes

    private static final String ALPHABET = "+-:$*$*0011234-\r\n\r\n\r\n\r\nxyz\0\u00ff";

    @Test
    void damagedRepliesMeanTheSameHoweverTheyAreCut() {
        Seed seed = Seed.next("RespReplyDecoderTest");
        SplittableRandom random = seed.random();
        for (int round = 0; round < 50_000; round++) {
            String input = damaged(randomReply(random, 3) + randomReply(random, 2), random);
            Decoded whole = decode(input, false);
            int first = random.nextInt(input.length() + 1);
            int second = first + random.nextInt(input.length() + 1 - first);

            for (boolean inPieces : new boolean[] {false, true}) {
                assertThat(decode(input, inPieces, first, second))
                        .as("%s: %s cut at %d and %d", seed, input, first, second)
                        .isEqualTo(whole);
                assertThat(decode(input, inPieces, everyByte(input)))
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

    /** The complete replies found, and the message of what ended it. */
    private record Decoded(List<String> replies, @Nullable String error) {}

    private static void assertReplies(String... replies) {
        String input = String.join("", replies);

        assertThat(decode(input, false)).isEqualTo(new Decoded(List.of(replies), null));
        assertSameAtEveryCut(input);
    }

    private static void assertSameAtEveryCut(String input) {
        Decoded whole = decode(input, false);
        for (boolean inPieces : new boolean[] {false, true}) {
            assertThat(decode(input, inPieces, everyByte(input)))
                    .as("byte by byte, in pieces: %s", inPieces)
                    .isEqualTo(whole);
            for (int cut = 0; cut <= input.length(); cut++) {
                assertThat(decode(input, inPieces, cut))
                        .as("cut at %d, in pieces: %s", cut, inPieces)
                        .isEqualTo(whole);
            }
        }
    }

    private static int[] everyByte(String input) {
        int[] cuts = new int[input.length()];
        for (int i = 0; i < cuts.length; i++) {
            cuts[i] = i;
        }
        return cuts;
    }

    /**
     * Decodes input that arrives cut before each of {@code cuts}. What is not taken is in another buffer the next time.
     *
     * @param inPieces whether what is known of an incomplete reply is taken at once, as of large ones
     */
    private static Decoded decode(String input, boolean inPieces, int... cuts) {
        RespReplyDecoder decoder = new RespReplyDecoder();
        List<String> replies = new ArrayList<>();
        StringBuilder reply = new StringBuilder();
        int consumed = 0;
        for (int i = 0; i <= cuts.length; i++) {
            int arrived = i < cuts.length ? cuts[i] : input.length();
            ByteBuf in = buffer(input.substring(consumed, arrived), i % 7);
            int start = in.readerIndex();
            try {
                while (decoder.decode(in)) {
                    replies.add(reply + take(in, decoder.scanned()));
                    reply.setLength(0);
                    decoder.next();
                }
            } catch (ProtocolException e) {
                return new Decoded(replies, e.getMessage());
            }
            if (inPieces) {
                reply.append(take(in, decoder.scanned()));
                decoder.pieceTaken();
            }
            consumed += in.readerIndex() - start;
        }
        return new Decoded(replies, null);
    }

    private static ByteBuf buffer(String text, int padding) {
        ByteBuf buffer = Unpooled.buffer(padding + text.length());
        buffer.writeZero(padding).skipBytes(padding);
        buffer.writeCharSequence(text, StandardCharsets.ISO_8859_1);
        return buffer;
    }

    private static String take(ByteBuf in, int length) {
        return in.readCharSequence(length, StandardCharsets.ISO_8859_1).toString();
    }
}
