package io.sluice.proxy;

import io.sluice.proxy.budget.ProcessBudget;
import io.sluice.proxy.budget.SplitBudget;
import io.sluice.proxy.budget.WorkerBudget;
import io.sluice.proxy.metrics.PoolCounters;
import io.sluice.proxy.session.ClientSessions;
import io.sluice.proxy.session.ReplySlotPool;
import io.sluice.proxy.transport.Loop;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * What one event loop owns: its share of each pool. Nothing of it is shared with another loop. Methods may be called
 * from any thread.
 */
final class Worker {

    private final Loop loop;
    private final ClientSessions.Census census;
    private final WorkerBudget budget;
    private final ReplySlotPool slots;
    private final Set<PoolShare> shares = new LinkedHashSet<>(); // the event loop's

    Worker(Loop loop, ClientSessions.Census census, ProcessBudget process) {
        this.loop = loop;
        this.census = census;
        this.budget = process.newWorker(loop::execute, loop.resources().clock()::nanos);
        this.slots = new ReplySlotPool(new SplitBudget(budget));
    }

    /** This event loop's share of a pool that is new; it serves once it {@linkplain PoolShare#use uses} a version. */
    PoolShare newShare(ServedPool pool, PoolCounters counters) {
        PoolShare share = new PoolShare(pool, loop, slots, census, budget, counters);
        loop.execute(() -> shares.add(share));
        return share;
    }

    /** Runs all of this at once, with no request in between. */
    CompletableFuture<Void> run(List<Runnable> tasks) {
        return CompletableFuture.runAsync(() -> tasks.forEach(Runnable::run), loop::execute);
    }

    /** The pool is gone: its clients have what they are owed, and are closed with its servers' connections. */
    void end(PoolShare share) {
        loop.execute(() -> {
            if (shares.remove(share)) {
                share.close();
            }
        });
    }

    /** Lets the clients have the replies they are owed, then closes them. */
    void drain() {
        loop.execute(() -> shares.forEach(PoolShare::drain));
    }

    /** Closes clients and servers. */
    void close() {
        loop.execute(() -> shares.forEach(PoolShare::close));
    }
}
