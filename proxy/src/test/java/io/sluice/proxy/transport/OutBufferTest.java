package io.sluice.proxy.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OutBufferTest {

    private final OutBuffer out = new OutBuffer(PooledByteBufAllocator.DEFAULT);

    @AfterEach
    void leavesNothing() {
        out.clear();
    }

    @Test
    void smallMessagesLeaveInOneChunk() {
        out.append("one ");
        out.append(ascii("two "));
        out.append(ascii("..three .."), 2, 6);
        out.append(Unpooled.wrappedBuffer(ascii("..four ..")), 2, 5);
        out.append((byte) '!');

        ByteBuf chunk = Objects.requireNonNull(out.take());

        assertThat(chunk.toString(StandardCharsets.ISO_8859_1)).isEqualTo("one two three four !");
        assertThat(out.take()).isNull();
        chunk.release();
    }

    @Test
    void leavesTheSourceAsItIs() {
        ByteBuf source = Unpooled.wrappedBuffer(ascii("abcdef")).skipBytes(1);

        out.append(source, 2, 3);

        assertThat(source.readerIndex()).isEqualTo(1);
        assertThat(source.writerIndex()).isEqualTo(6);
        assertThat(OutBytes.takeAll(out)).isEqualTo("cde");
    }

    @Test
    void theNewestBytesCanBeTakenBackWhileTheyWait() {
        out.append("get a\r\n");

        assertThat(out.takeBack(2, 4)).isTrue();
        out.append(" b\r\n");

        assertThat(out.appended()).isEqualTo(9);
        assertThat(OutBytes.takeAll(out)).isEqualTo("get a b\r\n");
        assertThat(out.takeBack(2, 4)).isFalse();
        assertThat(out.taken()).isEqualTo(out.appended());
    }

    @Test
    void nothingIsTakenBackWhereTheRestWouldComeIntoAnotherChunk() {
        out.append(new byte[OutBuffer.CHUNK_BYTES - 3]);

        assertThat(out.takeBack(2, 4)).isFalse();
        assertThat(out.takeBack(2, 3)).isTrue();
        assertThat(out.appended()).isEqualTo(OutBuffer.CHUNK_BYTES - 5);
    }

    @Test
    void theNewestBytesCanBeCopiedInTwoPieces() {
        out.append("before|newest");
        byte[] ring = ascii("..........");

        assertThat(out.copyNewest(6, ring, 8, 2)).isTrue();

        assertThat(new String(ring, StandardCharsets.ISO_8859_1)).isEqualTo("west....ne");
        assertThat(out.copyNewest(14, new byte[20], 0, 14)).isFalse();
        assertThat(OutBytes.takeAll(out)).isEqualTo("before|newest");
        assertThat(out.copyNewest(1, ring, 0, 1)).isFalse();
    }

    @Test
    void whatIsPutBackGoesFirstAndCountsAsNotTaken() {
        out.append("taken");
        OutBytes.takeAll(out);
        out.append("waiting");

        out.putBack(ascii("ken"));

        assertThat(out.taken()).isEqualTo(2);
        assertThat(out.waiting()).isEqualTo(10);
        assertThat(OutBytes.takeAll(out)).isEqualTo("kenwaiting");
        assertThat(out.taken()).isEqualTo(12);
    }

    @Test
    void aFullChunkIsSetAsideAndNotGrown() {
        byte[] half = new byte[OutBuffer.CHUNK_BYTES / 2];
        out.append(half);
        out.append(half);
        out.append((byte) 'x');

        assertThat(takeLength()).isEqualTo(OutBuffer.CHUNK_BYTES);
        assertThat(takeLength()).isEqualTo(1);
        assertThat(out.take()).isNull();
    }

    @Test
    void aMessageThatDoesNotFitBeginsAChunkOfItsOwn() {
        out.append("small");
        out.append(new byte[3 * OutBuffer.CHUNK_BYTES]);
        out.append("small again");

        assertThat(takeLength()).isEqualTo("small".length());
        assertThat(takeLength()).isEqualTo(3 * OutBuffer.CHUNK_BYTES);
        assertThat(takeLength()).isEqualTo("small again".length());
    }

    @Test
    void totalsOnlyRise() {
        out.append("12345");
        assertThat(out.appended()).isEqualTo(5);
        assertThat(out.taken()).isZero();
        assertThat(out.waiting()).isEqualTo(5);
        assertThat(out.isEmpty()).isFalse();

        OutBytes.takeAll(out);
        out.append("678");

        assertThat(out.appended()).isEqualTo(8);
        assertThat(out.taken()).isEqualTo(5);
        assertThat(out.waiting()).isEqualTo(3);
    }

    @Test
    void clearCountsAsTaken() {
        out.append("12345");

        out.clear();

        assertThat(out.isEmpty()).isTrue();
        assertThat(out.taken()).isEqualTo(5);
        assertThat(out.take()).isNull();
    }

    @Test
    void anIdleBufferHoldsNoMemory() {
        UnpooledByteBufAllocator counting = new UnpooledByteBufAllocator(true);
        OutBuffer idle = new OutBuffer(counting);
        for (int i = 0; i < 10; i++) {
            idle.append("x".repeat(1 + i * 20_000));
            OutBytes.takeAll(idle);

            assertThat(counting.metric().usedDirectMemory()).isZero();
        }
    }

    @Test
    void bytesLeaveInTheOrderInWhichTheyCame() {
        SplittableRandom random = new SplittableRandom(7);
        StringBuilder appended = new StringBuilder();
        StringBuilder taken = new StringBuilder();
        for (int i = 0; i < 300; i++) {
            String message = String.valueOf((char) ('a' + i % 26)).repeat(random.nextInt(1, 30_000));
            out.append(message);
            appended.append(message);
            if (random.nextInt(8) == 0) {
                taken.append(OutBytes.takeAll(out));
            }
            assertThat(out.waiting()).isEqualTo(appended.length() - taken.length());
        }
        taken.append(OutBytes.takeAll(out));

        assertThat(taken.toString()).isEqualTo(appended.toString());
    }

    private int takeLength() {
        ByteBuf chunk = Objects.requireNonNull(out.take());
        int length = chunk.readableBytes();
        chunk.release();
        return length;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
