package io.sluice.manager.migration.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class FirstPassTest {

    private static final Offset<Double> NEARLY = Offset.offset(0.001);

    private final FirstPass pass = new FirstPass(1000);

    private void read(int keys, int moving) {
        for (int i = 0; i < keys; i++) {
            pass.seen();
            if (i < moving) {
                pass.added();
            }
        }
    }

    @Test
    void whatWasReadButHasNotArrivedIsNotDone() {
        read(500, 250);
        assertThat(pass.share()).isZero();

        pass.taken(125);

        assertThat(pass.share()).isEqualTo(0.2475, NEARLY);
    }

    @Test
    void itGrowsWhileTheLastKeysAreAppliedAndStaysBelowOne() {
        read(900, 450); // fewer than the server said
        pass.read();
        pass.taken(225);
        assertThat(pass.share()).isEqualTo(0.495, NEARLY);

        pass.taken(225);

        assertThat(pass.share()).isEqualTo(0.99, NEARLY);
    }

    @Test
    void aSourceWithoutKeysIsNoPuzzle() {
        FirstPass empty = new FirstPass(0);
        empty.read();

        assertThat(empty.share()).isZero();
    }
}
