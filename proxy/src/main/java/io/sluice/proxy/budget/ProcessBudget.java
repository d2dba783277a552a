package io.sluice.proxy.budget;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * What the whole process may hold for clients and servers. Each event loop counts alone; the sum is made when somebody
 * asks, so it costs a request nothing. Thread-safe.
 *
 * <pre>
 *   0 ───────── windows of clients ─────────┬───────────────────────────┬──────── direct memory
 *   full window            no more window   │ 1/4                   max │ large requests are refused,
 *                                                                       │ the biggest clients closed
 * </pre>
 */
public final class ProcessBudget {

    /** Share of the direct memory that may be held: the rest is read buffers, and room that buffers do not fill. */
    public static final double SHARE_OF_DIRECT_MEMORY = 0.6;

    /** More of it cannot be promised, whatever is configured. */
    public static final double MOST_OF_DIRECT_MEMORY = 0.8;

    private final long maxBytes;
    private final BooleanSupplier memoryIsScarce;
    private final List<WorkerBudget> workers = new CopyOnWriteArrayList<>();

    /** A budget; {@code memoryIsScarce} is the last resort: that memory runs out although the budget says otherwise. */
    public ProcessBudget(long maxBytes, BooleanSupplier memoryIsScarce) {
        this.maxBytes = maxBytes;
        this.memoryIsScarce = memoryIsScarce;
    }

    /** The part of one event loop, to be used by it alone. */
    public WorkerBudget newWorker(Executor loop, LongSupplier nanoClock) {
        WorkerBudget worker = new WorkerBudget(this, loop, nanoClock);
        workers.add(worker);
        return worker;
    }

    public long maxBytes() {
        return maxBytes;
    }

    /** Bytes held now. */
    public long usedBytes() {
        return sum(BudgetFigure.CLIENT_BYTES) + sum(BudgetFigure.SPLIT_BYTES) + sum(BudgetFigure.SERVER_BYTES);
    }

    /** A figure over all event loops. */
    public long sum(BudgetFigure figure) {
        long sum = 0;
        for (WorkerBudget worker : workers) {
            sum += worker.figure(figure);
        }
        return sum;
    }

    boolean isOver() {
        return usedBytes() > maxBytes || memoryIsScarce.getAsBoolean();
    }

    /** How much must be given back so that there is some room again; not positive if nothing must. */
    long excessBytes() {
        long excess = usedBytes() - maxBytes;
        if (excess > 0) {
            return excess + maxBytes / 16;
        }
        return memoryIsScarce.getAsBoolean() ? maxBytes / 16 : 0;
    }

    /** What the biggest client of any event loop held when it was last looked for. */
    long biggestClientBytes() {
        long biggest = 0;
        for (WorkerBudget worker : workers) {
            biggest = Math.max(biggest, worker.biggestClientBytes());
        }
        return biggest;
    }

    /** Makes every event loop look for clients that must go. */
    void relieve() {
        workers.forEach(WorkerBudget::askToRelieve);
    }
}
