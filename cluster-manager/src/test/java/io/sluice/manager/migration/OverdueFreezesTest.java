package io.sluice.manager.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.routing.cluster.Freezes;
import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.HandoffState;
import io.sluice.routing.cluster.OverdueFreezes;
import io.sluice.routing.cluster.SlotSet;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OverdueFreezesTest {

    private static final long TWO_BUDGETS =
            Handoff.FREEZE_BUDGET.multipliedBy(2).toNanos();

    private final FakePlane plane = new FakePlane();
    private final OverdueFreezes freezes = new OverdueFreezes(OverdueFreezes.BUDGETS);

    @Test
    void aFreezeIsOverdueAfterTwiceItsBudget() {
        freeze();

        assertThat(freezes.overdue(plane.topology(), 5)).isEmpty();
        assertThat(freezes.overdue(plane.topology(), 5 + TWO_BUDGETS - 1)).isEmpty();
        assertThat(freezes.overdue(plane.topology(), 5 + TWO_BUDGETS)).containsExactly(FakePlane.HANDOFF);
    }

    @Test
    void eachAttemptHasTimeOfItsOwn() {
        freeze();
        freezes.overdue(plane.topology(), 0);
        thaw();
        freeze();

        assertThat(freezes.overdue(plane.topology(), TWO_BUDGETS)).isEmpty();
    }

    @Test
    void otherChangesDoNotGiveItMoreTime() {
        freeze();
        freezes.overdue(plane.topology(), 0);
        plane.write(plane.pool());

        assertThat(freezes.overdue(plane.topology(), TWO_BUDGETS)).containsExactly(FakePlane.HANDOFF);
    }

    @Test
    void onlyFreezesAreEnded() {
        freeze();
        Handoff copying = Handoff.begin("h-2", SlotSet.range(300, 301), "a", "b", 1);
        plane.write(plane.pool().withHandoff(copying));

        plane.write(Freezes.ended(plane.topology(), Set.of(FakePlane.HANDOFF, "h-2"))
                .slotPool(FakePlane.POOL)
                .orElseThrow());

        assertThat(plane.handoff().orElseThrow().state()).isEqualTo(HandoffState.COPY);
        assertThat(plane.handoff().orElseThrow().attempt()).isEqualTo(1);
        assertThat(plane.pool().handoff("h-2")).contains(copying);
    }

    @Test
    void pausesGrowAndHaveAnEnd() {
        assertThat(HandoffRules.DEFAULT.pauseAfter(1)).isEqualTo(Duration.ofSeconds(1));
        assertThat(HandoffRules.DEFAULT.pauseAfter(6)).isEqualTo(Duration.ofSeconds(32));
        assertThat(HandoffRules.DEFAULT.pauseAfter(7)).isEqualTo(Duration.ofSeconds(60));
        assertThat(HandoffRules.DEFAULT.pauseAfter(20)).isEqualTo(Duration.ofSeconds(60));
    }

    private void freeze() {
        plane.write(plane.pool().withHandoff(plane.handoff().orElseThrow().in(HandoffState.FREEZE)));
    }

    private void thaw() {
        plane.write(plane.pool().withHandoff(plane.handoff().orElseThrow().in(HandoffState.COPY)));
    }
}
