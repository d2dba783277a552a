package io.sluice.proxy.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.sluice.proxy.command.MergeRule;
import io.sluice.proxy.protocol.PartReplies;
import io.sluice.proxy.protocol.Protocol;
import io.sluice.proxy.protocol.ReplySink;
import io.sluice.proxy.protocol.Request;
import io.sluice.proxy.protocol.resp.RespLimits;
import io.sluice.proxy.protocol.resp.RespProtocol;
import io.sluice.proxy.testing.Counting;
import io.sluice.proxy.testing.RecordingSink;
import io.sluice.proxy.testing.RespFrames;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SplitRequestTest {

    private static final Protocol RESP =
            new RespProtocol(new RespLimits(1024, 64, 64), null, 0, InstantSource.system());
    private static final String BROKEN =
            "-ERR Connection reset by peer: server=a closed in the middle of its reply\r\n";

    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
    private final RecordingSink whole = new RecordingSink();

    @AfterEach
    void releasesAllParts() {
        assertThat(allocator.metric().usedDirectMemory()).isZero();
    }

    @Test
    void answersOnceAllPartsHaveCome() {
        SplitRequest split = mget(1024, 0, 1, 2, 0);

        reply(split.sink(2), "*1\r\n$1\r\nc\r\n", true);
        reply(split.sink(0), "*2\r\n$1\r\na\r\n$1\r\nd\r\n", true);
        assertThat(whole.pieces()).isZero();
        reply(split.sink(1), "*1\r\n$1\r\nb\r\n", true);

        assertThat(whole.isDone()).isTrue();
        assertThat(whole.text()).isEqualTo("*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nd\r\n");
    }

    @Test
    void partsMayComeInPieces() {
        SplitRequest split = mget(1024, 1, 0);

        reply(split.sink(0), "*1\r\n$4\r\nab", false);
        reply(split.sink(1), "*1\r", false);
        reply(split.sink(0), "cd\r\n", true);
        reply(split.sink(1), "\n$-1\r", false);
        reply(split.sink(1), "\n", true);

        assertThat(whole.text()).isEqualTo("*2\r\n$-1\r\n$4\r\nabcd\r\n");
    }

    @Test
    void sums() {
        SplitRequest split = split(MergeRule.SUM, 1024, 0, 1);

        reply(split.sink(0), ":1\r\n", true);
        reply(split.sink(1), ":2\r\n", true);

        assertThat(whole.text()).isEqualTo(":3\r\n");
    }

    @Test
    void anErrorWaitsForTheOtherPartsToo() {
        SplitRequest split = mget(1024, 0, 1);

        reply(split.sink(0), "-ERR no\r\n", true);
        assertThat(whole.isDone()).isFalse();
        reply(split.sink(1), "*1\r\n$1\r\nb\r\n", true);

        assertThat(whole.text()).isEqualTo("-ERR no\r\n");
    }

    @Test
    void aBrokenPartIsAnErrorOfTheWhole() {
        SplitRequest split = mget(1024, 0, 1);

        reply(split.sink(1), "*1\r\n$100\r\nab", false);
        reply(split.sink(0), "*1\r\n$1\r\na\r\n", true);
        split.sink(1).onBroken("server=a closed in the middle of its reply");

        assertThat(whole.isDone()).isTrue();
        assertThat(whole.isBroken()).isFalse();
        assertThat(whole.text()).isEqualTo(BROKEN);
    }

    @Test
    void aPartThatBreaksBeforeItsFirstByteIsAnErrorToo() {
        SplitRequest split = mget(1024, 0, 1);

        split.sink(0).onBroken("server=a closed in the middle of its reply");
        split.sink(1).onBroken("server=a closed in the middle of its reply");

        assertThat(whole.text()).isEqualTo(BROKEN);
    }

    @Test
    void gathersAsManyBytesAsAllowed() {
        String first = "*1\r\n$1\r\na\r\n";
        String second = "*1\r\n$1\r\nb\r\n";
        SplitRequest split = mget(first.length() + second.length(), 0, 1);

        reply(split.sink(0), first, true);
        reply(split.sink(1), second, true);

        assertThat(whole.text()).isEqualTo("*2\r\n$1\r\na\r\n$1\r\nb\r\n");
    }

    @Test
    void oneByteMoreIsAnError() {
        String first = "*1\r\n$1\r\na\r\n";
        String second = "*1\r\n$1\r\nb\r\n";
        int limit = first.length() + second.length() - 1;
        SplitRequest split = mget(limit, 0, 1);

        reply(split.sink(0), first, true);
        reply(split.sink(1), second, true);

        assertThat(whole.text()).isEqualTo(overflow(limit));
    }

    @Test
    void aPartThatOverflowsInPiecesHoldsNothing() {
        SplitRequest split = mget(20, 0, 1);

        reply(split.sink(0), "*1\r\n$100\r\nabc", false);
        reply(split.sink(0), "0123456789", false);
        reply(split.sink(0), "x", false); // would fit again, and must not be taken for the rest
        reply(split.sink(1), "*1\r\n$-1\r\n", true);
        reply(split.sink(0), "\r\n", true);

        assertThat(whole.text()).isEqualTo(overflow(20));
    }

    @Test
    void anOverflowedPartMayBreak() {
        SplitRequest split = mget(5, 0, 1);

        reply(split.sink(0), "*1\r\n$100\r\nabc", false);
        split.sink(0).onBroken("server=a closed in the middle of its reply");
        reply(split.sink(1), ":1\r\n", true);

        assertThat(whole.text()).isEqualTo(BROKEN);
    }

    @Test
    void partsThatWereNeverSentMakeTheWholeFailOnceTheOthersHaveCome() {
        SplitRequest split = mget(1000, 0, 1, 2);

        split.breakFrom(1);
        assertThat(whole.isDone()).isFalse();
        reply(split.sink(0), "*1\r\n$1\r\na\r\n", true);

        assertThat(whole.text()).isEqualTo("-ERR Connection reset by peer: this part of the request was not sent\r\n");
    }

    @Test
    void aPartThatAsksForTheSameAsAnotherHasItsReply() {
        SplitRequest split = mget(1000, 0, 1, 2);
        split.repeat(2, 0);

        reply(split.sink(1), "*1\r\n$1\r\nb\r\n", true);
        assertThat(whole.isDone()).isFalse();
        reply(split.sink(0), "*1\r\n$1\r\na\r\n", true);

        assertThat(whole.text()).isEqualTo("*3\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\na\r\n");
    }

    @Test
    void norIsItBrokenByWhatKeepsThoseBehindTheFirstFromBeingSent() {
        SplitRequest split = mget(1000, 0, 1, 2);
        split.repeat(2, 0);

        split.breakFrom(1);
        assertThat(whole.isDone()).isFalse();
        reply(split.sink(0), "*1\r\n$1\r\na\r\n", true);

        assertThat(whole.isDone()).isTrue();
    }

    private SplitRequest mget(int maxBytes, int... partOfKey) {
        return split(MergeRule.IN_KEY_ORDER, maxBytes, partOfKey);
    }

    private SplitRequest split(MergeRule rule, int maxBytes, int... partOfKey) {
        int parts = 0;
        for (int part : partOfKey) {
            parts = Math.max(parts, part + 1);
        }
        return new SplitRequest(
                RESP,
                allocator,
                RESP.mergeOf(rule, new Request()),
                partOfKey,
                parts,
                maxBytes,
                Counting.board(0).counters(0, 0),
                Unpooled.buffer(64, PartReplies.SCRATCH_BYTES),
                whole);
    }

    private static void reply(ReplySink sink, String text, boolean last) {
        ByteBuf source = Unpooled.wrappedBuffer(RespFrames.bytes("?" + text + "?"));
        sink.onReply(source, 1, text.length(), last);
    }

    private static String overflow(int maxBytes) {
        return "-ERR Server overloaded: the parts of the reply exceed " + maxBytes
                + " bytes (limits.client_held_bytes)\r\n";
    }
}
