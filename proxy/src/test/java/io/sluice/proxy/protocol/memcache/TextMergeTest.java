package io.sluice.proxy.protocol.memcache;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.sluice.proxy.command.MergeRule;
import io.sluice.proxy.protocol.PartReplies;
import io.sluice.proxy.protocol.Request;
import io.sluice.proxy.testing.RecordingSink;
import io.sluice.proxy.transport.OutBuffer;
import io.sluice.proxy.transport.OutBytes;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextMergeTest {

    private static final MemcacheTextProtocol PROTOCOL = new MemcacheTextProtocol(new TextLimits(1 << 20, 100));

    @Test
    void aPartHasTheWordsBeforeTheKeysAndItsKeys() throws Exception {
        assertThat(part("get a  bb ccc\r\n", 1, 3)).isEqualTo("get a ccc\r\n");
        assertThat(part("gets a b\n", 2)).isEqualTo("gets b\r\n");
        assertThat(part("gat 60  a b c\r\n", 2, 4)).isEqualTo("gat 60 a c\r\n");
    }

    @Test
    void valuesComeInTheOrderOfTheKeys() throws Exception {
        String merged = merge(
                "get a b c d\r\n", "0101", value("a") + value("c") + "END\r\n", value("b") + value("d") + "END\r\n");

        assertThat(merged).isEqualTo(value("a") + value("b") + value("c") + value("d") + "END\r\n");
    }

    @Test
    void missesAreLeftOut() throws Exception {
        assertThat(merge("get a b c d\r\n", "0101", value("c") + "END\r\n", value("b") + "END\r\n"))
                .isEqualTo(value("b") + value("c") + "END\r\n");
        assertThat(merge("get a b\r\n", "01", "END\r\n", "END\r\n")).isEqualTo("END\r\n");
    }

    @Test
    void aKeyAskedForTwiceIsAnsweredTwice() throws Exception {
        assertThat(merge("get a b a a\r\n", "0100", value("a").repeat(3) + "END\r\n", value("b") + "END\r\n"))
                .isEqualTo(value("a") + value("b") + value("a").repeat(2) + "END\r\n");
    }

    @Test
    void uniqueNumbersPassAndValuesMayLookLikeReplies() throws Exception {
        String odd = "VALUE a 7 23 18446744073709551615\r\nEND\r\nVALUE b 0 1\r\nx\r\n\r\n\r\n";

        assertThat(merge("gats 5 a b\r\n", "01", odd + "END\r\n", value("b") + "END\r\n"))
                .isEqualTo(odd + value("b") + "END\r\n");
    }

    /** "Aa" and "BB" have the same fingerprint. */
    @Test
    void keysOfOneFingerprintKeepTheirValues() throws Exception {
        assertThat(merge("get Aa BB c\r\n", "001", value("BB") + "END\r\n", value("c") + "END\r\n"))
                .isEqualTo(value("BB") + value("c") + "END\r\n");
        assertThat(merge("get Aa BB c\r\n", "001", value("Aa") + value("BB") + "END\r\n", "END\r\n"))
                .isEqualTo(value("Aa") + value("BB") + "END\r\n");
    }

    @ParameterizedTest
    @CsvSource({
        "SERVER_ERROR out of memory, SERVER_ERROR out of memory",
        "ERROR, SERVER_ERROR a server answered a part of the request with: ERROR",
        "CLIENT_ERROR x, SERVER_ERROR a server answered a part of the request with: CLIENT_ERROR x",
        "STORED, SERVER_ERROR a server answered a part of the request with: STORED"
    })
    void aPartThatFailsFailsTheWhole(String failure, String whole) throws Exception {
        assertThat(merge("get a b\r\n", "01", value("a") + "END\r\n", failure + "\r\n"))
                .isEqualTo(whole + "\r\n");
        assertThat(merge("get a b\r\n", "01", value("a") + failure + "\r\n", value("b") + "END\r\n"))
                .isEqualTo(whole + "\r\n");
    }

    @Test
    void aValueThatWasNotAskedForFailsTheWhole() throws Exception {
        assertThat(merge("get a b\r\n", "01", value("x") + "END\r\n", value("b") + "END\r\n"))
                .isEqualTo("SERVER_ERROR Internal error of the proxy: a part of the reply cannot be merged:"
                        + " a value that was not asked for, or not in that order\r\n");
    }

    private static String value(String key) {
        return "VALUE " + key + " 0 " + (key.length() + 3) + "\r\nof " + key + "\r\n";
    }

    private static String part(String line, int... keyArguments) throws Exception {
        OutBuffer out = new OutBuffer(UnpooledByteBufAllocator.DEFAULT);
        PROTOCOL.appendPart(request(line), keyArguments, 0, keyArguments.length, out);
        return OutBytes.takeAll(out);
    }

    private static Request request(String line) throws Exception {
        TextRequestDecoder decoder = new TextRequestDecoder(new TextLimits(1 << 20, 100));
        assertThat(decoder.decode(Unpooled.copiedBuffer(line, StandardCharsets.ISO_8859_1)))
                .isTrue();
        return decoder.request();
    }

    /** {@code partOfKey} has a digit for each key. */
    private static String merge(String line, String partOfKey, String... parts) throws Exception {
        List<ByteBuf> replies = Stream.of(parts)
                .map(part -> Unpooled.copiedBuffer(part, StandardCharsets.ISO_8859_1))
                .toList();
        RecordingSink sink = new RecordingSink();
        PROTOCOL.mergeOf(MergeRule.IN_KEY_ORDER, request(line)).merge(new Parts(replies, partOfKey), sink);
        assertThat(sink.isDone()).isTrue();
        return sink.text();
    }

    private record Parts(List<ByteBuf> replies, String partOf) implements PartReplies {
        @Override
        public ByteBuf scratch() {
            return Unpooled.buffer(64, SCRATCH_BYTES);
        }

        @Override
        public int parts() {
            return replies.size();
        }

        @Override
        public ByteBuf part(int part) {
            return replies.get(part);
        }

        @Override
        public int keys() {
            return partOf.length();
        }

        @Override
        public int partOfKey(int key) {
            return partOf.charAt(key) - '0';
        }
    }
}
