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
            budget.onRequest(true);
            budget.onReply(100, true);
            replies++;
        }

        assertThat(replies).isLessThan(64);
    }

    @Test
    void fewSmallRepliesDoNotOpenItMuch() {
        for (int i = 0; i < 4; i++) {
            budget.onRequest(true);
            budget.onReply(5, true);
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

        budget.onRequest(true);
        assertThat(budget.isFull(1)).isTrue();
        assertThat(budget.hasRoom(1)).isFalse();
        budget.onReply(64 * MIB, true);
        assertThat(budget.hasRoom(0)).isTrue();
    }

    @Test
    void theGuessComesCloseToWhatIs() {
        replies(100, 10_000);

        assertThat(budget.readEstimateBytes()).isBetween(10_000L, 10_100L);
    }

    @Test
    void repliesThatHaveComeEarlyAreExpectedNoMore() {
        for (int i = 0; i < 8; i++) {
            budget.onRequest(true);
        }
        assertThat(budget.isFull(8)).isTrue();

        replyOnly(4, 100); // held: all eight are still owed to the client

        assertThat(budget.isFull(8)).isFalse();
        assertThat(budget.hasRoom(8)).isTrue();
    }

    @Test
    void requestsThatDoNotReadAreThoughtToGetSmallReplies() {
        assertThat(inFlight(false)).isEqualTo(128);

        replies(100, MIB);
        assertThat(inFlight(false)).isEqualTo(128);
        for (int i = 0; i < 100; i++) {
            budget.onRequest(false);
            budget.onReply(MIB, false); // as of scripts
        }
        assertThat(inFlight(false)).isLessThan(10);
    }

    // ---- what is held

    @Test
    void whoDoesNotTakeItsRepliesIsFullUntilHalfIsTaken() {
        replies(100, 1);
        budget.settle(8 * MIB - 1000);
        assertThat(budget.isFull(0)).isFalse();

        budget.settle(8 * MIB);
        assertThat(budget.isFull(0)).isTrue();
        budget.settle(4 * MIB + 1);
        assertThat(budget.hasRoom(0)).isFalse();
        budget.settle(4 * MIB);

        assertThat(budget.hasRoom(0)).isTrue();
    }

    @Test
    void earlyAndGatheredRepliesFillTheWindowToo() {
        replies(100, 1);

        assertThat(budget.holdEarly(5 * MIB)).isTrue();
        assertThat(budget.holdGathered(3 * MIB)).isTrue();
        assertThat(budget.isFull(0)).isTrue();

        budget.releaseEarly(5 * MIB);
        assertThat(budget.isFull(0)).isFalse();
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
        budget.settle(0);

        assertThat(budget.isFull(0)).isFalse();
        assertThat(process.usedBytes()).isEqualTo(64 * MIB);
        assertThat(evicted).isEmpty();
    }

    @Test
    void whoIsOverItsBoundIsClosedOnce() {
        budget.settle(32 * MIB);
        assertThat(evicted).isEmpty();

        budget.settle(32 * MIB + 1);
        budget.settle(33 * MIB);

        assertThat(evicted).singleElement().asString().contains("limits.client_buffer_max_bytes");
        assertThat(process.sum(BudgetFigure.CLIENTS_OVER_BOUND)).isEqualTo(1);
        assertThat(process.usedBytes()).isZero();
    }

    @Test
    void theProcessCountsAllOfIt() {
        budget.partial(1);
        assertThat(budget.holdEarly(10)).isTrue();
        budget.onRequest(true);
        budget.onRequest(true);
        budget.settle(100);
        assertThat(process.usedBytes()).isEqualTo(111);
        assertThat(process.sum(BudgetFigure.EXPECTED_BYTES)).isEqualTo(2 * MIB);

        budget.close();
        budget.close();

        assertThat(process.usedBytes()).isZero();
        assertThat(process.sum(BudgetFigure.EXPECTED_BYTES)).isZero();
    }

    @Test
    void whatIsExpectedOfOneClientIsBounded() {
        for (int i = 0; i < 1000; i++) {
            budget.onRequest(true); // of 1 MiB, as is thought of a new client
        }
        budget.settle(0);

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

    private void replyOnly(int count, int bytes) {
        for (int i = 0; i < count; i++) {
            budget.onReply(bytes, true);
        }
    }

    private void replies(int count, int bytes) {
        for (int i = 0; i < count; i++) {
            budget.onRequest(true);
            budget.onReply(bytes, true);
        }
    }

    private int requestsInFlight() {
        return inFlight(true);
    }

    private int inFlight(boolean read) {
        int inFlight = 0;
        while (!budget.isFull(inFlight)) {
            budget.onRequest(read);
            inFlight++;
        }
        for (int i = 0; i < inFlight; i++) {
            budget.onTakenBack(read);
        }
        return inFlight;
    }
}
