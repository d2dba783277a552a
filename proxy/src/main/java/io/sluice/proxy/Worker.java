package io.sluice.proxy;

import io.sluice.proxy.backend.ConnectPacer;
import io.sluice.proxy.budget.ProcessBudget;
import io.sluice.proxy.budget.SplitBudget;
import io.sluice.proxy.budget.WorkerBudget;
import io.sluice.proxy.dispatch.HandoffLease;
import io.sluice.proxy.faults.FaultBoard;
import io.sluice.proxy.metrics.PoolCounters;
import io.sluice.proxy.session.ClientSessions;
import io.sluice.proxy.session.ReplySlotPool;
import io.sluice.proxy.transport.Loop;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
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
    private final ConnectPacer pacer;
    private final HandoffLease lease;
    private final ReplySlotPool slots;
    private final FaultBoard faults;
    private final Set<PoolShare> shares = new LinkedHashSet<>(); // the event loop's
    private final Map<String, PoolShare> sharesByName = new HashMap<>(); // the event loop's, the newest of each name

    Worker(
            Loop loop,
            ClientSessions.Census census,
            ProcessBudget process,
            FaultBoard faults,
            ConnectPacer pacer,
            HandoffLease lease) {
        this.loop = loop;
        this.lease = lease;
        this.faults = faults;
        this.census = census;
        this.pacer = pacer;
        this.budget = process.newWorker(loop::execute, loop.resources().clock()::nanos);
        this.slots = new ReplySlotPool(new SplitBudget(budget));
    }

    /** This event loop's share of a pool that is new; it serves once it {@linkplain PoolShare#use uses} a version. */
    PoolShare newShare(ServedPool pool, PoolCounters counters) {
        String name = pool.config().name();
        PoolShare share = new PoolShare(
                pool, loop, slots, census, budget, counters, faults.pool(name), pacer, lease, sharesByName::get);
        loop.execute(() -> {
            shares.add(share);
            sharesByName.put(name, share);
        });
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
                sharesByName.values().remove(share);
                share.close();
            }
        });
    }

    /** Runs this on the event loop. */
    void execute(Runnable task) {
        loop.execute(task);
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
