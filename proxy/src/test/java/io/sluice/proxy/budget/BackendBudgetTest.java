package io.sluice.proxy.budget;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BackendBudgetTest {

    private static final int MAX_BYTES = 100;
    private static final int MAX_REQUESTS = 4;
    private static final long STALL = 50;

    private final ProcessBudget process = new ProcessBudget(1 << 30, () -> false);
    private final WorkerBudget worker = process.newWorker(Runnable::run, () -> 0);
    private final BackendBudget budget =
            new BackendBudget(worker, "server", MAX_BYTES, MAX_REQUESTS, Duration.ofNanos(STALL), 0);
    private final List<String> woken = new ArrayList<>();

    @Test
    void isFullAtItsBytesAndAtItsRequests() {
        queue(MAX_BYTES - 1);
        assertThat(budget.isFull()).isFalse();
        queue(MAX_BYTES);
        assertThat(budget.isFull()).isTrue();

        budget.onSent(0);
        budget.onRequest(0, MAX_REQUESTS - 1, 0);
        assertThat(budget.isFull()).isFalse();
        budget.onRequest(0, MAX_REQUESTS, 0);
        assertThat(budget.isFull()).isTrue();
    }

    @Test
    void theProcessCountsWhatWaits() {
        queue(70 << 10);
        assertThat(process.usedBytes()).isEqualTo(70 << 10);
        budget.onSent(30);
        assertThat(process.usedBytes()).isEqualTo(30);
        assertThat(process.sum(BudgetFigure.SERVER_BYTES)).isEqualTo(30);

        budget.onFailed(0, 0);

        assertThat(process.usedBytes()).isZero();
    }

    @Test
    void whoWaitsGoesOnAtHalf() {
        fill();
        await("first");
        await("second");

        budget.onSent(MAX_BYTES / 2 + 1);
        assertThat(woken).isEmpty();
        budget.onSent(MAX_BYTES / 2);

        assertThat(woken).containsExactly("first", "second");
        assertThat(budget.hasWaiters()).isFalse();
        assertThat(process.sum(BudgetFigure.SERVER_PAUSES)).isEqualTo(2);
    }

    @Test
    void whoWaitsGoesOnAtHalfOfTheRequests() {
        budget.onRequest(0, MAX_REQUESTS, 0);
        await("first");

        budget.onAnswer(3);
        assertThat(woken).isEmpty();
        budget.onAnswer(2);

        assertThat(woken).containsExactly("first");
    }

    @Test
    void newcomersDoNotPassThoseWhoWait() {
        budget.onRequest(0, MAX_REQUESTS, 0);
        await("first");

        budget.onAnswer(MAX_REQUESTS - 1);
        assertThat(budget.isFull()).isTrue();
        budget.onAnswer(MAX_REQUESTS / 2);

        assertThat(budget.isFull()).isFalse();
        assertThat(woken).containsExactly("first");
    }

    @Test
    void whoHasLeftIsNotWoken() {
        fill();
        BackendBudget.Waiter leaves = () -> woken.add("leaves");
        budget.await(leaves);
        await("stays");

        budget.forget(leaves);
        budget.onSent(0);

        assertThat(woken).containsExactly("stays");
    }

    @Test
    void whoeverIsWokenMayWaitAgain() {
        fill();
        List<BackendBudget.Waiter> self = new ArrayList<>();
        self.add(() -> {
            woken.add("again");
            budget.await(self.get(0));
        });
        budget.await(self.get(0));

        budget.onFailed(MAX_BYTES, 0);
        budget.onFailed(MAX_BYTES, 0);

        assertThat(woken).containsExactly("again", "again");
        assertThat(budget.hasWaiters()).isTrue();
    }

    @Test
    void aConnectionThatIsGoneKeepsNobodyWaiting() {
        fill();
        await("first");

        budget.onFailed(MAX_BYTES, 3);

        assertThat(woken).containsExactly("first");
        assertThat(budget.isStalled()).isFalse();
    }

    // ---- stalling

    @Test
    void aFullServerThatTakesNothingStalls() {
        budget.sweep(1000, 0, false); // idle for long
        fill(1000);
        await("first");

        budget.sweep(1000 + STALL - 1, 0, false);
        assertThat(budget.isStalled()).isFalse();
        assertThat(woken).isEmpty();
        budget.sweep(1000 + STALL, 0, false);

        assertThat(budget.isStalled()).isTrue();
        assertThat(woken).containsExactly("first");
    }

    @Test
    void aServerThatTakesOrAnswersSomethingIsMerelySlow() {
        fill();

        for (int i = 1; i < 100; i++) {
            if (i % 2 == 0) {
                budget.onAnswer(1);
            }
            budget.sweep(i * STALL, (i + 1) / 2, false);
            assertThat(budget.isStalled()).isFalse();
        }
        budget.sweep(100 * STALL, 50, false);

        assertThat(budget.isStalled()).isTrue();
    }

    @Test
    void aFullServerThatIsLateStalls() {
        fill();

        budget.sweep(1, 1, true);

        assertThat(budget.isStalled()).isTrue();
    }

    @Test
    void aLateServerWithRoomDoesNotStall() {
        queue(MAX_BYTES - 1);

        budget.sweep(10 * STALL, 0, true);

        assertThat(budget.isStalled()).isFalse();
    }

    @Test
    void aServerThatGoesOnStallsNoMore() {
        fill();
        budget.sweep(STALL, 0, false);
        assertThat(budget.isStalled()).isTrue();

        budget.sweep(STALL + 1, 1, false);

        assertThat(budget.isStalled()).isFalse();
    }

    private void queue(long bytes) {
        budget.onRequest(bytes, 1, 0);
    }

    private void fill() {
        fill(0);
    }

    private void fill(long now) {
        budget.onRequest(MAX_BYTES, 1, now);
        budget.sweep(now, 0, false);
    }

    private void await(String name) {
        budget.await(() -> woken.add(name));
    }
}
