package io.sluice.routing.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.sluice.routing.hash.SlotHash;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SlotTableTest {

    @Test
    void everySlotHasTheOwnerItWasGiven() {
        int[] owners = IntStream.range(0, 16384).map(slot -> slot % 7 - 1).toArray();

        SlotTable table = SlotTable.of(owners);

        assertThat(table.slotHash()).isEqualTo(SlotHash.REDIS_CLUSTER);
        assertThat(table.positions()).isEqualTo(16384);
        for (int hash : new int[] {0, 1, 16383, 16384, 65535, -1, Integer.MIN_VALUE}) {
            assertThat(table.position(hash)).isEqualTo(hash & 16383);
            assertThat(table.serverIndex(hash)).isEqualTo((hash & 16383) % 7 - 1);
        }
    }

    @Test
    void keepsItsOwnCopyOfTheOwners() {
        int[] owners = new int[1024];
        SlotTable table = SlotTable.of(owners);

        owners[5] = 1;

        assertThat(table.serverIndex(5)).isZero();
    }

    @Test
    void hasAsManySlotsAsOneOfTheTwoSystems() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SlotTable.of(new int[1000]))
                .withMessageContaining("1000");
    }
}
