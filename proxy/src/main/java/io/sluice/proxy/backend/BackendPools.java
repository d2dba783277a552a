package io.sluice.proxy.backend;

import io.sluice.proxy.budget.WorkerBudget;
import io.sluice.proxy.health.HealthBoard;
import io.sluice.proxy.metrics.PoolCounters;
import io.sluice.proxy.protocol.Protocol;
import io.sluice.proxy.transport.Loop;
import io.sluice.routing.topology.Server;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The servers of one pool as one event loop sees them. Event-loop only, but for the constructor. */
public final class BackendPools {

    private final String pool;
    private final Loop loop;
    private final Protocol protocol;
    private final BackendSettings settings;
    private final HealthBoard health;
    private final RandomGenerator random;
    private final WorkerBudget budget;
    private final PoolCounters counters;
    private final Deadlines deadlines;
    private final List<Backend> backends = new ArrayList<>();
    private final @Nullable IdleServers idle;
    private boolean closing;

    public BackendPools(
            String pool,
            List<Server> servers,
            Loop loop,
            Protocol protocol,
            BackendSettings settings,
            HealthBoard health,
            RandomGenerator random,
            WorkerBudget budget,
            PoolCounters counters) {
        this.pool = pool;
        this.loop = loop;
        this.protocol = protocol;
        this.settings = settings;
        this.health = health;
        this.random = random;
        this.budget = budget;
        this.counters = counters;
        this.deadlines = new Deadlines(loop, () -> backends);
        for (int i = 0; i < servers.size(); i++) {
            backends.add(new Backend(this, servers.get(i), i));
        }
        this.idle = settings.idleTimeout() == null ? null : new IdleServers(settings.idleTimeout(), loop, backends);
    }

    /** The server at its index in the pool. */
    public Backend backend(int server) {
        return backends.get(server);
    }

    public int size() {
        return backends.size();
    }

    /** Connects to all servers where the pool is to be connected before its first request. */
    public void preconnect() {
        if (settings.preconnect()) {
            backends.forEach(backend -> backend.connections().forEach(BackendConnection::connect));
        }
    }

    /** Closes all connections for good. */
    public void close() {
        closing = true;
        backends.forEach(backend -> backend.connections().forEach(BackendConnection::close));
    }

    /** Where this event loop counts what happens in this pool. */
    public PoolCounters counters() {
        return counters;
    }

    boolean isClosing() {
        return closing;
    }

    String pool() {
        return pool;
    }

    Loop loop() {
        return loop;
    }

    Protocol protocol() {
        return protocol;
    }

    BackendSettings settings() {
        return settings;
    }

    HealthBoard health() {
        return health;
    }

    RandomGenerator random() {
        return random;
    }

    WorkerBudget budget() {
        return budget;
    }

    /** Who closes connections without requests; null if nobody does. */
    @Nullable IdleServers idle() {
        return idle;
    }

    Deadlines deadlines() {
        return deadlines;
    }
}
