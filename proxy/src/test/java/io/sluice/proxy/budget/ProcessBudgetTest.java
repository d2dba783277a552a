package io.sluice.proxy.budget;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;

class ProcessBudgetTest {

    private static final int MIB = 1 << 20;
    private static final long MAX_BYTES = 256 * MIB;
    private static final ClientLimits LIMITS = new ClientLimits(1024, 8 * MIB, 1 << 30, 1 << 30);

    private boolean scarce;
    private long now;
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private final ProcessBudget process = new ProcessBudget(MAX_BYTES, () -> scarce);
    private final WorkerBudget left = process.newWorker(tasks::add, () -> now);
    private final WorkerBudget right = process.newWorker(tasks::add, () -> now);
    private final List<String> evicted = new ArrayList<>();

    // ---- windows

    @Test
    void manyClientsGetSmallerWindows() {
        long alone = left.windowBytes();
        List<ClientBudget> clients = clients(left, 200);

        for (ClientBudget client : clients) {
            int inFlight = 0;
            while (!client.isFull(inFlight)) { // nothing is known of any of them
                client.onRequest(true);
                client.settle(0);
                inFlight++;
            }
        }

        assertThat(alone).isEqualTo(8 * MIB);
        assertThat(left.windowBytes()).isEqualTo(WorkerBudget.MIN_WINDOW_BYTES);
        assertThat(process.sum(BudgetFigure.EXPECTED_BYTES))
                .isLessThan(MAX_BYTES / WorkerBudget.WINDOWS_DIVISOR + 200 * MIB) // one each, whatever others have
                .isLessThan(MAX_BYTES + MAX_BYTES / 16);
        assertThat(clients.get(199).hasRoom(0)).isTrue();
    }

    @Test
    void windowsOpenAgainWhenOthersAreGone() {
        List<ClientBudget> clients = clients(left, 20);
        clients.forEach(client -> client.settle(5 * MIB));
        assertThat(left.windowBytes()).isEqualTo(WorkerBudget.MIN_WINDOW_BYTES);

        clients.forEach(ClientBudget::close);

        assertThat(left.windowBytes()).isEqualTo(8 * MIB);
    }

    // ---- closing the biggest

    @Test
    void aboveTheBudgetTheBiggestGoAndNoMore() {
        client(left, "small").settle(100_000);
        client(left, "tiny").settle(4_000);
        client(left, "big").settle(50 * MIB);
        client(right, "middle").settle(100 * MIB);
        client(right, "biggest").settle(110 * MIB);

        runTasks();

        assertThat(evicted).containsExactly("biggest");
        assertThat(process.usedBytes()).isBetween(150L * MIB, 151L * MIB);
        assertThat(process.sum(BudgetFigure.EVICTIONS)).isEqualTo(1);
    }

    @Test
    void belowTheBudgetNobodyGoes() {
        client(left, "a").settle(128 * MIB);
        client(right, "b").settle(128 * MIB);

        runTasks();

        assertThat(evicted).isEmpty();
    }

    @Test
    void whoTakesNothingGoesFirst() {
        ClientBudget idle = client(left, "takes nothing");
        ClientBudget busy = client(left, "takes some");
        now = 10 * ClientBudget.NOT_TAKING_NANOS;
        busy.onSent();
        idle.settle(100 * MIB);
        busy.settle(160 * MIB);

        runTasks();

        assertThat(evicted).containsExactly("takes nothing");
    }

    @Test
    void manySmallOnesGoWhenThereIsNothingBigger() {
        for (int i = 0; i < 520; i++) {
            client(i % 2 == 0 ? left : right, "client" + i).settle(MIB / 2);
        }

        runTasks();

        assertThat(process.usedBytes()).isLessThanOrEqualTo(MAX_BYTES).isGreaterThan(MAX_BYTES / 2);
    }

    @Test
    void whereMemoryRunsOutTheBiggestGoesWhateverIsCounted() {
        client(left, "big").settle(20 * MIB);
        scarce = true;
        client(right, "small").settle(MIB);

        tasksOnce();

        assertThat(evicted).contains("big");
        assertThat(left.isOver()).isTrue();
    }

    private ClientBudget client(WorkerBudget worker, String name) {
        return new ClientBudget(worker, LIMITS, (held, reason) -> evicted.add(name));
    }

    private List<ClientBudget> clients(WorkerBudget worker, int count) {
        List<ClientBudget> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            clients.add(client(worker, "client" + i));
        }
        return clients;
    }

    private void tasksOnce() {
        for (int i = tasks.size() * 2; i > 0 && !tasks.isEmpty(); i--) {
            tasks.remove().run();
        }
    }

    private void runTasks() {
        while (!tasks.isEmpty()) {
            tasks.remove().run();
        }
    }
}
