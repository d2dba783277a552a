package io.sluice.routing.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SlotSetTest {

    @Test
    void readsSlotsAndRanges() {
        assertThat(SlotSet.parse(" 0-3, 9 ,11-11", 1024).map(SlotSet::toString)).contains("0-3,9,11");
        assertThat(SlotSet.parse("", 1024)).contains(SlotSet.EMPTY);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1024", "-1", "3-1", "0-5,5", "a", "1,", ",", "1--2", "0-1024", "99999999999"})
    void refusesWhatIsNoSetOfSlots(String text) {
        assertThat(SlotSet.parse(text, 1024)).isEmpty();
    }

    @Test
    void anySetReadsBackAsItWasWritten() {
        Random random = new Random(7);
        for (int round = 0; round < 200; round++) {
            BitSet bits = new BitSet();
            int runs = random.nextInt(20);
            for (int i = 0; i < runs; i++) {
                int first = random.nextInt(16_384);
                bits.set(first, Math.min(16_384, first + 1 + random.nextInt(50)));
            }
            SlotSet set = SlotSet.of(bits);

            assertThat(SlotSet.parse(set.toString(), 16_384)).isEqualTo(Optional.of(set));
        }
    }

    @Test
    void addsAndTakesAway() {
        SlotSet some = SlotSet.range(0, 9);

        assertThat(some.with(SlotSet.range(8, 11))).isEqualTo(SlotSet.range(0, 11));
        assertThat(some.without(SlotSet.range(3, 20))).hasToString("0-2");
        assertThat(some.containsAll(SlotSet.range(2, 9))).isTrue();
        assertThat(some.containsAll(SlotSet.range(2, 10))).isFalse();
    }
}
