package io.sluice.proxy.backend;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.sluice.proxy.transport.OutBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KeptReadsTest {

    private final OutBuffer out = new OutBuffer(UnpooledByteBufAllocator.DEFAULT);
    private final KeptReads kept = new KeptReads();

    @AfterEach
    void leavesNothing() {
        out.clear();
    }

    @Test
    void theOldestComeBackAsTheyWereRoundAndRoundTheRing() {
        SplittableRandom random = new SplittableRandom(11);
        ArrayDeque<String> model = new ArrayDeque<>();
        for (int i = 0; i < 5_000; i++) {
            String request = "*" + i + "x".repeat(random.nextInt(900));
            out.clear();
            out.append(request);
            assertThat(kept.keep(out, request.length())).isEqualTo(request.length());
            model.add(request);
            if (model.size() > 30) {
                String oldest = model.remove();
                assertThat(text(kept.oldest(oldest.length()))).isEqualTo(oldest);
                kept.drop(oldest.length());
            }
        }

        String rest = String.join("", model);
        assertThat(text(kept.oldest(rest.length()))).isEqualTo(rest);
    }

    @Test
    void whatIsTooLargeIsNotKept() {
        String largest = "x".repeat(KeptReads.MOST_BYTES_EACH);
        out.append(largest + "y");

        assertThat(kept.keep(out, KeptReads.MOST_BYTES_EACH + 1L)).isZero();
        assertThat(kept.keep(out, KeptReads.MOST_BYTES_EACH)).isEqualTo(KeptReads.MOST_BYTES_EACH);
    }

    @Test
    void whatFindsNoRoomIsNotKept() {
        out.append("x".repeat(KeptReads.MOST_BYTES_EACH));
        for (int i = 0; i < KeptReads.CAPACITY_BYTES / KeptReads.MOST_BYTES_EACH; i++) {
            assertThat(kept.keep(out, KeptReads.MOST_BYTES_EACH)).isPositive();
        }

        assertThat(kept.keep(out, 1)).isZero();
        kept.drop(1);
        assertThat(kept.keep(out, 1)).isEqualTo(1);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
