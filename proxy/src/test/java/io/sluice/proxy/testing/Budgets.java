package io.sluice.proxy.testing;

import io.sluice.proxy.budget.BackendBudget;
import io.sluice.proxy.budget.ClientBudget;
import io.sluice.proxy.budget.ClientLimits;
import io.sluice.proxy.budget.ProcessBudget;
import io.sluice.proxy.budget.WorkerBudget;
import java.time.Duration;

/** Budgets for tests that are about something else. */
public final class Budgets {

    private Budgets() {}

    /** An event loop of a process with more room than any test needs. */
    public static WorkerBudget ample() {
        return new ProcessBudget(1L << 40, () -> false).newWorker(Runnable::run, System::nanoTime);
    }

    /** A client with this bound for early replies, and no other. */
    public static ClientBudget holding(int maxHeldBytes) {
        ClientLimits limits = new ClientLimits(Integer.MAX_VALUE, Integer.MAX_VALUE, maxHeldBytes, Integer.MAX_VALUE);
        return new ClientBudget(ample(), limits, (held, reason) -> {
            throw new AssertionError("evicted with " + held + " bytes: " + reason);
        });
    }

    /** A server connection that is never full. */
    public static BackendBudget ofServer() {
        return new BackendBudget(ample(), "server", Long.MAX_VALUE, Integer.MAX_VALUE, Duration.ofSeconds(1), 0);
    }
}
