package io.sluice.proxy;

import io.sluice.proxy.backend.BackendPools;
import io.sluice.proxy.backend.BackendSettings;
import io.sluice.proxy.budget.ClientLimits;
import io.sluice.proxy.budget.WorkerBudget;
import io.sluice.proxy.config.ProxyConfig.Limits;
import io.sluice.proxy.config.ProxyConfig.Pool;
import io.sluice.proxy.dispatch.RequestDispatcher;
import io.sluice.proxy.metrics.PoolCounters;
import io.sluice.proxy.session.ClientSessions;
import io.sluice.proxy.session.Entry;
import io.sluice.proxy.session.ReplySlotPool;
import io.sluice.proxy.transport.Loop;
import java.util.SplittableRandom;

/** What one event loop has of one pool: its clients, its dispatcher, its own connections to the servers. */
record PoolShare(ClientSessions sessions, BackendPools backends) {

    static PoolShare of(
            ServedPool pool,
            Loop loop,
            Limits limits,
            ReplySlotPool slots,
            ClientSessions.Census census,
            WorkerBudget budget,
            PoolCounters counters) {
        BackendPools backends = new BackendPools(
                pool.config().name(),
                pool.servers(),
                loop,
                pool.protocol(),
                settings(pool, limits),
                pool.health(),
                new SplittableRandom(),
                budget,
                counters);
        RequestDispatcher dispatcher = new RequestDispatcher(
                pool.routing(), backends, pool.protocol(), loop.resources().allocator(), limits.clientHeldBytes());
        ClientSessions sessions = new ClientSessions(
                census,
                pool.protocol(),
                dispatcher,
                clientLimits(limits),
                loop.resources().allocator(),
                slots,
                budget,
                counters,
                loop.resources().clock(),
                new Entry(
                        pool.config().name(),
                        pool.admission(),
                        pool.config().edge().headers(),
                        loop::schedule,
                        loop::executeNextTurn));
        return new PoolShare(sessions, backends);
    }

    private static ClientLimits clientLimits(Limits limits) {
        return new ClientLimits(
                limits.clientMaxInFlight(),
                limits.clientBufferBytes(),
                limits.clientHeldBytes(),
                limits.clientBufferMaxBytes());
    }

    private static BackendSettings settings(ServedPool served, Limits limits) {
        Pool pool = served.config();
        return new BackendSettings(
                pool.timeout(),
                pool.hardTimeout(),
                pool.connectTimeout(),
                pool.reconnectMin(),
                pool.reconnectMax(),
                pool.tcpKeepalive(),
                pool.preconnect(),
                pool.serverConnections(),
                limits.serverMaxInFlight(),
                limits.serverQueueBytes(),
                limits.serverStallTimeout(),
                served.certificates().servers(),
                pool.edge().serverIdleTimeout());
    }
}
