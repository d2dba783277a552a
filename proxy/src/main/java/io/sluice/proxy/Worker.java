package io.sluice.proxy;

import io.sluice.proxy.admission.Arrivals;
import io.sluice.proxy.budget.ProcessBudget;
import io.sluice.proxy.budget.SplitBudget;
import io.sluice.proxy.budget.WorkerBudget;
import io.sluice.proxy.config.ProxyConfig.Limits;
import io.sluice.proxy.metrics.PoolCounters;
import io.sluice.proxy.session.ClientSessions;
import io.sluice.proxy.session.ReplySlotPool;
import io.sluice.proxy.transport.ConnectionHandler;
import io.sluice.proxy.transport.Loop;
import io.sluice.proxy.transport.OutBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * What one event loop owns: its share of each pool. Nothing of it is shared with another loop. Methods but
 * {@link #accept} may be called from any thread.
 */
final class Worker {

    private final Loop loop;
    private final List<PoolShare> shares = new ArrayList<>();

    Worker(
            Loop loop,
            List<ServedPool> pools,
            Limits limits,
            ClientSessions.Census census,
            ProcessBudget process,
            IntFunction<PoolCounters> counters) {
        this.loop = loop;
        WorkerBudget budget = process.newWorker(loop::execute, loop.resources().clock()::nanos);
        ReplySlotPool slots = new ReplySlotPool(new SplitBudget(budget));
        for (int i = 0; i < pools.size(); i++) {
            shares.add(PoolShare.of(pools.get(i), loop, limits, slots, census, budget, counters.apply(i)));
        }
    }

    void start() {
        loop.execute(() -> shares.forEach(share -> share.backends().preconnect()));
    }

    /** A client of the pool at this index. Event-loop only. */
    ConnectionHandler accept(int pool, OutBuffer out) {
        assert loop.inEventLoop();
        return shares.get(pool).sessions().newSession(out);
    }

    /** The same of a client with whom TLS has been agreed on. Event-loop only. */
    ConnectionHandler acceptTls(int pool, OutBuffer out) {
        assert loop.inEventLoop();
        return shares.get(pool).sessions().newTlsSession(out);
    }

    /** Who hears of clients that speak TLS before they are accepted. */
    Arrivals tlsArrivals(int pool) {
        return shares.get(pool).sessions().tlsArrivals();
    }

    /** Lets the clients have the replies they are owed, then closes them. */
    void drain() {
        loop.execute(() -> shares.forEach(share -> share.sessions().drain()));
    }

    /** Closes clients and servers. */
    void close() {
        loop.execute(() -> shares.forEach(share -> {
            share.sessions().closeNow();
            share.backends().close();
        }));
    }
}
