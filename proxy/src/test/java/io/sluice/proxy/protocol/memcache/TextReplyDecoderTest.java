package io.sluice.proxy.protocol.memcache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.proxy.protocol.ProtocolException;
import io.sluice.proxy.testing.Seed;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextReplyDecoderTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "END\r\n",
                "STORED\r\n",
                "NOT_STORED\r\n",
                "EXISTS\r\n",
                "NOT_FOUND\r\n",
                "DELETED\r\n",
                "TOUCHED\r\n",
                "0\r\n",
                "18446744073709551615\r\n",
                "5  \r\n",
                "ERROR\r\n",
                "ERROR Too many open connections\r\n",
                "CLIENT_ERROR bad data chunk\r\n",
                "SERVER_ERROR out of memory storing object\r\n",
                "VA 0 f0 t-1 c1 W\r\n\r\n",
                "VA 5\r\nhello\r\n",
                "VA 15 c7\r\nEND\r\nVA 0\r\n\r\nHD\r\n",
                "HD\r\n",
                "HD c18446744073709551615\r\n",
                "EX c0\r\n",
                "NF c0\r\n",
                "NS c0\r\n",
                "EN\r\n",
                "NF\r\n",
                "NS\r\n",
                "EX\r\n",
                "VALUE k 0 0\r\n\r\nEND\r\n",
                "VALUE k 0 5\r\nhello\r\nEND\r\n",
                "VALUE k 4294967295 5 18446744073709551615\r\nEND\r\n\r\nEND\r\n",
                "VALUE a 0 1\r\na\r\nVALUE b 0 16\r\nVALUE c 0 1\r\nc\r\n\r\nVALUE a 0 1\r\na\r\nEND\r\n",
                "VALUE a 0 1\r\na\r\nSERVER_ERROR out of memory writing get response\r\n"
            })
    void findsWhereAReplyEnds(String reply) {
        assertReplies(reply, "STORED\r\n", reply, "VALUE x 0 1\r\nx\r\nEND\r\n", reply);
    }

    @ParameterizedTest
    @ValueSource(strings = {"HD", "HD c7", "NF", "NS c0", "EX", "EN", "VA 2 c7\r\nHD"})
    void whatOnlyMetaCommandsBringIsToldApartFromWhatFollowsIt(String reply) throws ProtocolException {
        TextReplyDecoder decoder = new TextReplyDecoder();
        ByteBuf in = buffer(reply + "\r\nVALUE k 0 2\r\nHD\r\nEND\r\n");

        assertThat(decoder.decode(in)).isTrue();
        assertThat(decoder.isForProxy()).isTrue();
        in.skipBytes(decoder.scanned());
        decoder.next();
        assertThat(decoder.decode(in)).isTrue();
        assertThat(decoder.isForProxy()).isFalse();
    }

    @Test
    void valuesAreNotLookedAt() {
        StringBuilder allBytes = new StringBuilder();
        for (int i = 0; i < 256; i++) {
            allBytes.append((char) i);
        }

        assertReplies("VALUE k 0 256\r\n" + allBytes + "\r\nEND\r\n", "END\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\r\n",
                "\n",
                "+OK\r\n",
                "$5\r\nhello\r\n",
                "HTTP/1.1 400 Bad Request\r\n",
                "OK\r\n",
                "VERSION 1.6.18\r\n",
                "STAT pid 1\r\n",
                "STORED \r\n",
                "STORED\n",
                "STOREDSTORED\r\n",
                "ENDE\r\n",
                "NOT_FOUN\r\n",
                "5x\r\n",
                "-5\r\n",
                "VA \r\n",
                "VA x\r\n",
                "VA -1\r\n",
                "VA 2147483646\r\n",
                "VA 1\r\nab\r\n",
                "VALUE k 0 1\r\na\r\nVA 1\r\na\r\n",
                "HD k\r\n",
                "ENX\r\n",
                "VALUE \r\n",
                "VALUE k\r\n",
                "VALUE k 0\r\n",
                "VALUE k 0 \r\n",
                "VALUE k 0 x\r\n",
                "VALUE k 0 -1\r\n",
                "VALUE k 0 2147483646\r\n",
                "VALUE k 0 99999999999999999999\r\n",
                "VALUE k 0 1\r\nab\r\nEND\r\n",
                "VALUE k 0 1\r\na\n\nEND\r\n",
                "VALUE k 0 1\r\na\r\nSTORED\r\n",
                "VALUE k 0 1\r\na\r\n5\r\n"
            })
    void rubbishIsRefused(String rubbish) {
        assertThat(decode(rubbish, false).error()).isNotNull();
        assertThat(decode(rubbish, true).error()).isNotNull();
    }

    @Test
    void anotherProtocolIsKnownByItsFirstByte() {
        assertThat(decode("-ERR unknown", false).error())
                .isEqualTo("a reply begins with byte 0x2d, expected a word or a number");
    }

    @Test
    void linesAreBounded() {
        String longest = "SERVER_ERROR " + "x".repeat(TextReplyDecoder.MAX_LINE_BYTES - 15) + "\r\n";

        assertReplies(longest);
        assertThat(decode(longest.replace("\r", "x\r"), false).error())
                .isEqualTo("a line of a reply is longer than 8192 bytes");
        assertThat(decode("S".repeat(8192), true).error()).isEqualTo("a line of a reply is longer than 8192 bytes");
    }

    @Test
    void aLargeValueComesInPieces() throws Exception {
        TextReplyDecoder decoder = new TextReplyDecoder();
        ByteBuf header = buffer("VALUE k 0 200000\r\n" + "v".repeat(100_000));

        assertThat(decoder.decode(header)).isFalse();
        assertThat(decoder.scanned()).isEqualTo(header.readableBytes());
        assertThat(decoder.missing()).isEqualTo(100_002);

        decoder.pieceTaken();
        assertThat(decoder.decode(buffer("v".repeat(100_000) + "\r\nEND\r\nEND\r\n")))
                .isTrue();
        assertThat(decoder.scanned()).isEqualTo(100_007);
    }

    @Test
    void theEndOfAValueIsCheckedInPiecesToo() throws Exception {
        TextReplyDecoder decoder = new TextReplyDecoder();
        assertThat(decoder.decode(buffer("VALUE k 0 3\r\nabc\r"))).isFalse();
        decoder.pieceTaken();

        assertThat(catchThrowable(() -> decoder.decode(buffer("x")))).isInstanceOf(ProtocolException.class);
    }

    @Test
    void randomAndMutatedBytesAreTheSameInAnyPieces() {
        Seed seed = Seed.next("TextReplyDecoderTest");
        SplittableRandom random = seed.random();
        String good = "VALUE a 0 3\r\nEND\r\nVALUE b 1 2 7\r\n\r\n\r\nEND\r\nSTORED\r\n12\r\nSERVER_ERROR x\r\n";
        for (int i = 0; i < 3000; i++) {
            StringBuilder input = new StringBuilder(good);
            for (int j = random.nextInt(4); j > 0; j--) {
                int at = random.nextInt(input.length());
                input.setCharAt(
                        at,
                        random.nextBoolean() ? (char) random.nextInt(256) : "VEND \r\n09".charAt(random.nextInt(9)));
            }

            Outcome whole = decode(input.toString(), false);

            Outcome inBytes = decode(input.toString(), true); // may know rubbish earlier, and say so
            assertThat(inBytes.replies()).as("%s %s", seed, i).isEqualTo(whole.replies());
            assertThat(inBytes.error() == null).as("%s %s", seed, i).isEqualTo(whole.error() == null);
        }
    }

    private record Outcome(List<String> replies, @Nullable String error) {}

    private static Outcome decode(String input, boolean byteByByte) {
        TextReplyDecoder decoder = new TextReplyDecoder();
        List<String> replies = new ArrayList<>();
        int consumed = 0;
        try {
            for (int arrived = byteByByte ? 1 : input.length(); arrived <= input.length(); arrived++) {
                ByteBuf in = buffer(input.substring(consumed, arrived));
                while (in.isReadable() && decoder.decode(in)) {
                    replies.add(in.readCharSequence(decoder.scanned(), StandardCharsets.ISO_8859_1)
                            .toString());
                    consumed += decoder.scanned();
                    decoder.next();
                }
            }
        } catch (ProtocolException e) {
            return new Outcome(replies, String.valueOf(e.getMessage()));
        }
        return new Outcome(replies, null);
    }

    private static ByteBuf buffer(String text) {
        return Unpooled.copiedBuffer("???" + text, StandardCharsets.ISO_8859_1).skipBytes(3);
    }

    private static void assertReplies(String... replies) {
        String input = String.join("", replies);
        Outcome expected = new Outcome(List.of(replies), null);
        assertThat(decode(input, false)).isEqualTo(expected);
        assertThat(decode(input, true)).isEqualTo(expected);
    }
}
