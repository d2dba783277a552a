package io.sluice.proxy.backend;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.testing.RecordingSink;
import io.sluice.proxy.testing.Seed;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class InFlightTest {

    private final InFlight inFlight = new InFlight();

    @Test
    void beginsEmpty() {
        assertThat(inFlight.isEmpty()).isTrue();
        assertThat(inFlight.size()).isZero();
    }

    @Test
    void keepsTheOrder() {
        RecordingSink first = new RecordingSink();
        RecordingSink second = new RecordingSink();
        inFlight.add(first, 10, 100, 0);
        inFlight.add(second, 20, 200, 0);

        assertThat(inFlight.sink(0)).isSameAs(first);
        assertThat(inFlight.sentAt(1)).isEqualTo(20);
        assertThat(inFlight.end(1)).isEqualTo(200);

        inFlight.removeHead();

        assertThat(inFlight.sink(0)).isSameAs(second);
        assertThat(inFlight.size()).isEqualTo(1);
    }

    @Test
    void aDisownedRequestKeepsItsPlace() {
        inFlight.add(new RecordingSink(), 1, 10, 0);
        inFlight.add(new RecordingSink(), 2, 20, 0);

        inFlight.disown(1);

        assertThat(inFlight.size()).isEqualTo(2);
        assertThat(inFlight.sink(0)).isNotNull();
        assertThat(inFlight.sink(1)).isNull();
        assertThat(inFlight.end(1)).isEqualTo(20);
    }

    @Test
    void remembersWhatWasKeptAndWhatWasSentAgain() {
        inFlight.add(new RecordingSink(), 1, 10, 10);
        inFlight.add(new RecordingSink(), 2, 20, 0);

        inFlight.markRetried(0);
        inFlight.markRetried(1);

        assertThat(inFlight.keptBytes(0)).isEqualTo(10);
        assertThat(inFlight.keptBytes(1)).isZero();
        assertThat(inFlight.wasRetried(0)).isTrue();
        inFlight.removeHead();
        assertThat(inFlight.start()).isEqualTo(10);
    }

    @Test
    void theOldestBeginsBehindTheOneBeforeUnlessToldOtherwise() {
        inFlight.add(new RecordingSink(), 1, 10, 0);
        inFlight.removeHead();
        assertThat(inFlight.start()).isEqualTo(10);

        inFlight.beginAt(25); // fifteen bytes of a request that was given up
        inFlight.add(new RecordingSink(), 2, 30, 0);

        assertThat(inFlight.start()).isEqualTo(25);
    }

    @Test
    void behavesAsAListWhateverHappens() {
        Seed seed = Seed.next("InFlightTest");
        SplittableRandom random = seed.random();
        List<Entry> model = new ArrayList<>();
        for (int step = 0; step < 5_000; step++) {
            int choice = random.nextInt(step % 1000 < 500 ? 5 : 3); // now growing, now shrinking
            if (model.isEmpty() || choice >= 2) {
                Entry entry = new Entry(new RecordingSink(), random.nextLong(), random.nextLong());
                model.add(entry);
                inFlight.add(entry.required(), entry.sentAt, entry.end, 0);
            } else if (choice == 0) {
                model.remove(0);
                inFlight.removeHead();
            } else {
                int position = random.nextInt(model.size());
                model.get(position).sink = null;
                inFlight.disown(position);
                while (model.size() > random.nextInt(40)) {
                    model.remove(0);
                    inFlight.removeHead();
                }
            }
            assertSame(seed, step, model);
        }
    }

    private void assertSame(Seed seed, int step, List<Entry> model) {
        assertThat(inFlight.size()).as("%s step %d", seed, step).isEqualTo(model.size());
        assertThat(inFlight.isEmpty()).isEqualTo(model.isEmpty());
        for (int i = 0; i < model.size(); i++) {
            Entry entry = model.get(i);
            boolean same = inFlight.sink(i) == entry.sink
                    && inFlight.sentAt(i) == entry.sentAt
                    && inFlight.end(i) == entry.end;
            assertThat(same).as("%s step %d position %d", seed, step, i).isTrue();
        }
    }

    private static final class Entry {
        private @Nullable RecordingSink sink;
        private final long sentAt;
        private final long end;

        Entry(RecordingSink sink, long sentAt, long end) {
            this.sink = sink;
            this.sentAt = sentAt;
            this.end = end;
        }

        RecordingSink required() {
            if (sink == null) {
                throw new IllegalStateException("disowned");
            }
            return sink;
        }
    }
}
