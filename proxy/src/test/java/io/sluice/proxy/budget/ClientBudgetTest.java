package io.sluice.proxy.budget;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClientBudgetTest {

    private static final int MIB = 1 << 20;
    private static final ClientLimits LIMITS = new ClientLimits(1024, 8 * MIB, 16 * MIB, 32 * MIB);

    private final ProcessBudget process = new ProcessBudget(1L << 40, () -> false);
    private final WorkerBudget worker = process.newWorker(Runnable::run, () -> 0);
    private final List<String> evicted = new ArrayList<>();
    private final ClientBudget budget = new ClientBudget(worker, LIMITS, (held, reason) -> evicted.add(reason));

    // ---- the window

    @Test
    void aNewClientMayHaveAFewRequestsInFlight() {
        assertThat(requestsInFlight()).isEqualTo(ClientBudget.FIRST_WINDOW_REQUESTS);
    }

    @Test
    void smallRepliesOpenTheWindow() {
        int replies = 0;
        while (requestsInFlight() < LIMITS.maxInFlight()) {
            budget.onReply(100);
            replies++;
        }

        assertThat(replies).isLessThan(64);
    }

    @Test
    void fewSmallRepliesDoNotOpenItMuch() {
        for (int i = 0; i < 4; i++) {
            budget.onReply(5); // as of AUTH, SELECT and the like
        }

        assertThat(requestsInFlight()).isLessThan(16);
    }

    @Test
    void largeRepliesCloseItAtOnce() {
        replies(1000, 100);
        assertThat(requestsInFlight()).isEqualTo(1024);

        replies(4, MIB);

        assertThat(requestsInFlight()).isLessThan(10);
    }

    @Test
    void repliesThatFillTheWindowComeOneAtATime() {
        replies(10, 64 * MIB);

        assertThat(budget.isFull(1, 1)).isTrue();
        assertThat(budget.hasRoom(1, 1)).isFalse();
        assertThat(budget.hasRoom(0, 0)).isTrue();
    }

    @Test
    void theGuessComesCloseToWhatIs() {
        replies(100, 10_000);

        assertThat(budget.estimateBytes()).isBetween(10_000L, 10_100L);
    }

    @Test
    void repliesThatHaveComeEarlyAreExpectedNoMore() {
        assertThat(budget.isFull(8, 8)).isTrue();

        assertThat(budget.isFull(8, 4)).isFalse();
        assertThat(budget.hasRoom(8, 4)).isTrue();
    }

    // ---- what is held

    @Test
    void whoDoesNotTakeItsRepliesIsFullUntilHalfIsTaken() {
        replies(100, 1);
        budget.settle(8 * MIB - 1000, 0);
        assertThat(budget.isFull(0, 0)).isFalse();

        budget.settle(8 * MIB, 0);
        assertThat(budget.isFull(0, 0)).isTrue();
        budget.settle(4 * MIB + 1, 0);
        assertThat(budget.hasRoom(0, 0)).isFalse();
        budget.settle(4 * MIB, 0);

        assertThat(budget.hasRoom(0, 0)).isTrue();
    }

    @Test
    void earlyAndGatheredRepliesFillTheWindowToo() {
        replies(100, 1);

        assertThat(budget.holdEarly(5 * MIB)).isTrue();
        assertThat(budget.holdGathered(3 * MIB)).isTrue();
        assertThat(budget.isFull(0, 0)).isTrue();

        budget.releaseEarly(5 * MIB);
        assertThat(budget.isFull(0, 0)).isFalse();
    }

    @Test
    void earlyAndGatheredRepliesHaveOneBound() {
        assertThat(budget.holdEarly(10 * MIB)).isTrue();
        assertThat(budget.holdGathered(6 * MIB)).isTrue();

        assertThat(budget.holdEarly(1)).isFalse();
        assertThat(budget.holdGathered(1)).isFalse();
        budget.releaseGathered(6 * MIB);
        assertThat(budget.holdEarly(6 * MIB)).isTrue();
    }

    @Test
    void requestsThatAreComingInKeepNobodyFromBeingReadFrom() {
        replies(100, 1);

        budget.partial(64 * MIB);
        budget.settle(0, 0);

        assertThat(budget.isFull(0, 0)).isFalse();
        assertThat(process.usedBytes()).isEqualTo(64 * MIB);
        assertThat(evicted).isEmpty();
    }

    @Test
    void whoIsOverItsBoundIsClosedOnce() {
        budget.settle(32 * MIB, 1);
        assertThat(evicted).isEmpty();

        budget.settle(32 * MIB + 1, 1);
        budget.settle(33 * MIB, 1);

        assertThat(evicted).singleElement().asString().contains("limits.client_buffer_max_bytes");
        assertThat(process.sum(BudgetFigure.CLIENTS_OVER_BOUND)).isEqualTo(1);
        assertThat(process.usedBytes()).isZero();
    }

    @Test
    void theProcessCountsAllOfIt() {
        budget.partial(1);
        assertThat(budget.holdEarly(10)).isTrue();
        budget.settle(100, 2);
        assertThat(process.usedBytes()).isEqualTo(111);
        assertThat(process.sum(BudgetFigure.EXPECTED_BYTES)).isEqualTo(2 * MIB);

        budget.close();
        budget.close();

        assertThat(process.usedBytes()).isZero();
        assertThat(process.sum(BudgetFigure.EXPECTED_BYTES)).isZero();
    }

    @Test
    void whatIsExpectedOfOneClientIsBounded() {
        budget.settle(0, 1000); // of 1 MiB, as is thought of a new client

        assertThat(process.sum(BudgetFigure.EXPECTED_BYTES)).isEqualTo(LIMITS.bufferBytes());
    }

    // ---- split requests

    @Test
    void whatIsGatheredStaysCountedWhenItsClientIsGone() {
        SplitBudget splits = new SplitBudget(worker);
        assertThat(splits.hold(budget, 1000)).isTrue();

        budget.close();

        assertThat(process.usedBytes()).isEqualTo(1000);
        assertThat(splits.hold(null, 1)).isFalse();
        assertThat(splits.hold(budget, 1)).isFalse();
        splits.release(null, 1000);
        assertThat(process.usedBytes()).isZero();
    }

    private void replies(int count, int bytes) {
        for (int i = 0; i < count; i++) {
            budget.onReply(bytes);
        }
    }

    private int requestsInFlight() {
        int inFlight = 0;
        while (!budget.isFull(inFlight, inFlight)) {
            inFlight++;
        }
        return inFlight;
    }
}
