package io.sluice.manager.migration.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class SpoolTest {

    private static final List<Frame.Kind> KINDS = List.of(Frame.Kind.values());

    @TempDir
    Path folder;

    private static Frame frame(int number, int bytes) {
        byte[] value = new byte[bytes];
        new Random(number).nextBytes(value);
        return new Frame(
                KINDS.get(number % KINDS.size()),
                number % 16,
                number,
                number * 2L,
                List.of(1),
                List.of(RedisLink.ascii("SET"), RedisLink.ascii("k" + number), value));
    }

    private static void assertSame(Frame found, Frame expected) {
        assertThat(found.kind()).isEqualTo(expected.kind());
        assertThat(found.database()).isEqualTo(expected.database());
        assertThat(found.offset()).isEqualTo(expected.offset());
        assertThat(found.expiresAt()).isEqualTo(expected.expiresAt());
        assertThat(found.keys()).isEqualTo(expected.keys());
        assertThat(found.parts()).usingElementComparator(Arrays::compare).isEqualTo(expected.parts());
    }

    @Test
    void givesBackWhatItWasGivenInOrderWhateverTheSizes() throws CopyException {
        long seed = Long.getLong("sluice.seed", System.nanoTime());
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        try (Spool spool = new Spool(folder, "s", 1L << 30)) {
            int put = 0;
            int taken = 0;
            while (taken < 600) {
                if (put < 600 && random.nextInt(3) > 0) {
                    spool.append(frame(put, random.nextInt(50) == 0 ? 3 << 20 : random.nextInt(6000)));
                    put++;
                } else if (put > taken) {
                    Frame found = Objects.requireNonNull(spool.next(0));
                    assertSame(found, frame(taken, found.parts().get(2).length));
                    taken++;
                }
            }
            assertThat(spool.isEmpty()).isTrue();
            assertThat(spool.waitingBytes()).isZero();
            assertThat(spool.next(1)).isNull();
        }
    }

    @Test
    @Timeout(20)
    void whoWaitsForAFrameCanBeWokenAndFindsTheNextOneAllTheSame() throws CopyException {
        try (Spool spool = new Spool(folder, "s", 1L << 30)) {
            spool.wake();
            assertThat(spool.next(60_000)).isNull();
            spool.append(frame(1, 100));
            spool.wake();
            assertSame(Objects.requireNonNull(spool.next(60_000)), frame(1, 100));
        }
    }

    @Test
    void whoWaitsForAMillisecondWaitsForAllOfIt() throws CopyException {
        try (Spool spool = new Spool(folder, "s", 1L << 30)) {
            for (int i = 0; i < 10; i++) {
                long begin = System.nanoTime();

                assertThat(spool.next(1)).isNull();

                assertThat(System.nanoTime() - begin).isGreaterThanOrEqualTo(1_000_000);
            }
        }
    }

    @Test
    void isFullAtItsLimitAndNotBefore() throws CopyException {
        Frame first = frame(1, 1000);
        try (Spool spool = new Spool(folder, "s", 2L * first.size())) {
            spool.append(first);
            spool.append(first);
            assertThatThrownBy(() -> spool.append(first))
                    .isInstanceOf(CopyException.class)
                    .hasMessageContaining("spool is full");

            assertThat(spool.next(0)).isNotNull();

            spool.append(first);
            assertThat(spool.waitingBytes()).isEqualTo(2L * first.size());
        }
    }

    @Test
    void leavesNoFileBehindAndTakesOldOnesAway() throws CopyException, IOException {
        Files.createFile(folder.resolve("s-7.spool"));
        Files.createFile(folder.resolve("other-7.spool"));
        try (Spool spool = new Spool(folder, "s", 1L << 30)) {
            for (int i = 0; i < 40; i++) {
                spool.append(frame(i, 4 << 20));
            }
            assertThat(count()).isGreaterThan(2);
            for (int i = 0; i < 40; i++) {
                assertThat(spool.next(0)).isNotNull();
            }
            assertThat(count()).isLessThanOrEqualTo(2);
        }
        assertThat(count()).isEqualTo(1);
    }

    private long count() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.count();
        }
    }
}
