package io.sluice.proxy.protocol.resp;

import static io.sluice.proxy.testing.RespFrames.request;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.sluice.proxy.command.Command;
import io.sluice.proxy.command.MergeRule;
import io.sluice.proxy.protocol.PartReplies;
import io.sluice.proxy.protocol.ProtocolException;
import io.sluice.proxy.protocol.Request;
import io.sluice.proxy.testing.RecordingSink;
import io.sluice.proxy.testing.RespFrames;
import io.sluice.proxy.transport.OutBuffer;
import io.sluice.proxy.transport.OutBytes;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RespMergeTest {

    // ---- one request to one per server

    @Test
    void eachPartAsksForItsKeysInTheirOrder() throws ProtocolException {
        String whole = request("MGET", "a", "b", "c", "b");

        assertThat(part(whole, 0, 0, 1, 0, 1)).isEqualTo(request("MGET", "a", "c"));
        assertThat(part(whole, 1, 0, 1, 0, 1)).isEqualTo(request("MGET", "b", "b"));
    }

    @Test
    void valuesGoWithTheirKeys() throws ProtocolException {
        String whole = request("MSET", "a", "1", "b", "", "c", "\r\n$1\r\nx\r\n");

        assertThat(part(whole, 0, 0, 1, 0)).isEqualTo(request("MSET", "a", "1", "c", "\r\n$1\r\nx\r\n"));
        assertThat(part(whole, 1, 0, 1, 0)).isEqualTo(request("MSET", "b", ""));
    }

    @Test
    void lengthsOfAllSizesAreCopiedWithTheirDigits() throws ProtocolException {
        for (int length : new int[] {0, 1, 9, 10, 11, 99, 100, 999, 1000, 9_999, 10_000, 100_000}) {
            String value = "v".repeat(length);

            String part = part(request("MSET", "a", "1", "b" + value, value), 1, 0, 1);

            assertThat(part).isEqualTo(request("MSET", "b" + value, value));
        }
    }

    @Test
    void aTypedLineIsSplitAsWell() throws ProtocolException {
        assertThat(part("del a \"b b\" c\r\n", 1, 0, 1, 1)).isEqualTo(request("del", "b b", "c"));
    }

    @Test
    void aRequestInTheMiddleOfABufferIsSplitAsWell() throws ProtocolException {
        String before = request("SET", "x", "y");
        RespRequestDecoder decoder = decoder();
        ByteBuf in = Unpooled.wrappedBuffer(RespFrames.bytes(before + request("DEL", "a", "b") + before));
        decoder.decode(in);
        in.skipBytes(decoder.consumed());
        decoder.decode(in);

        assertThat(part(decoder.request(), 0, 0, 1)).isEqualTo(request("DEL", "a"));
    }

    private static String part(String input, int part, int... owners) throws ProtocolException {
        RespRequestDecoder decoder = decoder();
        assertThat(decoder.decode(Unpooled.wrappedBuffer(RespFrames.bytes(input))))
                .isTrue();
        return part(decoder.request(), part, owners);
    }

    private static String part(Request request, int part, int... owners) {
        Command command = Objects.requireNonNull(request.command());
        int[] keyArguments = new int[request.count()];
        int keys = command.keys().locate(request, keyArguments);
        OutBuffer out = new OutBuffer(UnpooledByteBufAllocator.DEFAULT);
        assertThat(owners).hasSize(keys);

        int[] ofPart = IntStream.range(0, keys)
                .filter(key -> owners[key] == part)
                .map(key -> keyArguments[key])
                .toArray();

        RespMerge.appendPart(request, ofPart, 0, ofPart.length, out);

        return OutBytes.takeAll(out);
    }

    private static RespRequestDecoder decoder() {
        return new RespRequestDecoder(RedisCommands.TABLE, new RespLimits(1 << 20, 1024, 4096));
    }

    // ---- their replies to one

    @Test
    void valuesComeInTheOrderOfTheKeys() {
        Parts parts = new Parts(new int[] {0, 1, 0, 1}, "*2\r\n$1\r\na\r\n$1\r\nc\r\n", "*2\r\n$1\r\nb\r\n$1\r\nd\r\n");

        assertThat(merged(MergeRule.IN_KEY_ORDER, parts))
                .isEqualTo("*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nd\r\n");
    }

    @Test
    void nilsAndEmptyAndBinaryValuesKeepTheirPlaces() {
        Parts parts = new Parts(
                new int[] {2, 0, 1, 0, 2}, "*2\r\n$-1\r\n$0\r\n\r\n", "*1\r\n$-1\r\n", "*2\r\n$4\r\n\r\n$1\r\n$-1\r\n");

        assertThat(merged(MergeRule.IN_KEY_ORDER, parts))
                .isEqualTo("*5\r\n$4\r\n\r\n$1\r\n$-1\r\n$-1\r\n$0\r\n\r\n$-1\r\n");
    }

    @Test
    void nestedElementsStayWhole() {
        Parts parts = new Parts(new int[] {1, 0}, "*1\r\n*2\r\n:1\r\n*0\r\n", "*1\r\n*1\r\n*1\r\n:2\r\n");

        assertThat(merged(MergeRule.IN_KEY_ORDER, parts)).isEqualTo("*2\r\n*1\r\n*1\r\n:2\r\n*2\r\n:1\r\n*0\r\n");
    }

    @Test
    void integersAreAdded() {
        assertThat(merged(MergeRule.SUM, new Parts(new int[] {0, 1, 2}, ":1\r\n", ":0\r\n", ":41\r\n")))
                .isEqualTo(":42\r\n");
        assertThat(merged(MergeRule.SUM, new Parts(new int[] {0, 1}, ":-3\r\n", ":2\r\n")))
                .isEqualTo(":-1\r\n");
    }

    @Test
    void oneOfAKeyAtTwoServersIsOne() {
        assertThat(merged(MergeRule.ANY, new Parts(new int[] {0}, ":1\r\n", ":1\r\n")))
                .isEqualTo(":1\r\n");
        assertThat(merged(MergeRule.ANY, new Parts(new int[] {0}, ":0\r\n", ":1\r\n")))
                .isEqualTo(":1\r\n");
        assertThat(merged(MergeRule.ANY, new Parts(new int[] {0}, ":0\r\n", ":0\r\n")))
                .isEqualTo(":0\r\n");
    }

    @Test
    void allOkIsOk() {
        assertThat(merged(MergeRule.ALL_OK, new Parts(new int[] {0, 1}, "+OK\r\n", "+OK\r\n")))
                .isEqualTo("+OK\r\n");
    }

    @Test
    void anErrorInAnyPartIsTheReply() {
        String error = "-WRONGTYPE no\r\n";
        Stream.of(MergeRule.IN_KEY_ORDER, MergeRule.SUM, MergeRule.ANY, MergeRule.ALL_OK)
                .forEach(rule -> {
                    String good = switch (rule) {
                        case IN_KEY_ORDER -> "*1\r\n$1\r\na\r\n";
                        case SUM, ANY -> ":1\r\n";
                        case ALL_OK, NONE -> "+OK\r\n";
                    };

                    for (int bad = 0; bad < 3; bad++) {
                        String[] replies = {good, good, good};
                        replies[bad] = error;
                        assertThat(merged(rule, new Parts(new int[] {0, 1, 2}, replies)))
                                .isEqualTo(error);
                    }
                });
    }

    @Test
    void anErrorIsNeverTurnedIntoANil() {
        Parts parts = new Parts(new int[] {0, 1}, "*1\r\n$-1\r\n", "-LOADING Redis is loading\r\n");

        assertThat(merged(MergeRule.IN_KEY_ORDER, parts)).isEqualTo("-LOADING Redis is loading\r\n");
    }

    @Test
    void aPartWithAnotherNumberOfValuesIsAnError() {
        for (String odd : new String[] {"*0\r\n", "*-1\r\n", "*2\r\n:1\r\n:2\r\n", ":1\r\n", "+OK\r\n", "$-1\r\n"}) {
            Parts parts = new Parts(new int[] {0, 1}, "*1\r\n$1\r\na\r\n", odd);

            assertThat(merged(MergeRule.IN_KEY_ORDER, parts))
                    .startsWith("-ERR Internal error of the proxy: a part of the reply cannot be merged: expected ")
                    .endsWith("\r\n");
        }
    }

    @Test
    void aSumOfWhatIsNoNumberIsAnError() {
        assertThat(merged(MergeRule.SUM, new Parts(new int[] {0, 1}, ":1\r\n", "+OK\r\n")))
                .isEqualTo("-ERR Internal error of the proxy: a part of the reply cannot be merged:"
                        + " expected a reply of type ':', got '+'\r\n");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5_400, 5_430, 5_440, 5_450, 5_460, 5_470, 60_000})
    void repliesOnBothSidesOfTheScratchBuffersBoundAreMergedAlike(int length) {
        String a = "$" + length + "\r\n" + "a".repeat(length) + "\r\n";
        String b = "$" + length + "\r\n" + "b".repeat(length) + "\r\n";
        String c = "$" + length + "\r\n" + "c".repeat(length) + "\r\n";

        String merged = merged(MergeRule.IN_KEY_ORDER, new Parts(new int[] {0, 1, 0}, "*2\r\n" + a + c, "*1\r\n" + b));

        assertThat(merged).isEqualTo("*3\r\n" + a + b + c);
    }

    /** The reply to the whole; its sink must hear of it exactly once. */
    private static String merged(MergeRule rule, Parts parts) {
        RecordingSink sink = new RecordingSink();

        RespMerge.merge(rule, parts, sink);

        assertThat(sink.isDone()).isTrue();
        return sink.text();
    }

    private static final class Parts implements PartReplies {
        private final int[] partOfKey;
        private final ByteBuf[] replies;

        Parts(int[] partOfKey, String... replies) {
            this.partOfKey = partOfKey;
            this.replies = Stream.of(replies)
                    .map(reply -> Unpooled.wrappedBuffer(RespFrames.bytes(reply)))
                    .toArray(ByteBuf[]::new);
        }

        @Override
        public ByteBuf scratch() {
            return Unpooled.buffer(64, SCRATCH_BYTES);
        }

        @Override
        public int parts() {
            return replies.length;
        }

        @Override
        public ByteBuf part(int part) {
            return replies[part];
        }

        @Override
        public int keys() {
            return partOfKey.length;
        }

        @Override
        public int partOfKey(int key) {
            return partOfKey[key];
        }
    }
}
