package io.sluice.proxy.backend;

import io.sluice.proxy.budget.WorkerBudget;
import io.sluice.proxy.health.HealthBoard;
import io.sluice.proxy.metrics.PoolCounters;
import io.sluice.proxy.protocol.Protocol;
import io.sluice.proxy.transport.Loop;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** The servers of one pool as one event loop sees them, while they come and go. Event-loop only. */
public final class BackendPools {

    private static final String STOPPING = "the proxy is stopping";

    private final String pool;
    private final Loop loop;
    private final RandomGenerator random;
    private final WorkerBudget budget;
    private final PoolCounters counters;
    private final ConnectPacer pacer;
    private final RetryBudget retryBudget = new RetryBudget();
    private final Deadlines deadlines;
    private final IdleServers idle;
    private final NameWatch names;
    private final LeavingBackends leaving;
    private final PrivateConnections privateConnections;
    private BackendSettings settings;
    private List<Backend> backends = List.of();
    private boolean closing;

    /** Without servers at first. From any thread. */
    public BackendPools(
            String pool,
            BackendSettings settings,
            Loop loop,
            RandomGenerator random,
            WorkerBudget budget,
            PoolCounters counters,
            ConnectPacer pacer) {
        this.pool = pool;
        this.settings = settings;
        this.loop = loop;
        this.random = random;
        this.budget = budget;
        this.counters = counters;
        this.pacer = pacer;
        this.leaving = new LeavingBackends(pool, loop);
        this.privateConnections = new PrivateConnections(loop, counters, PrivateConnections.MOST_OPEN);
        this.deadlines = new Deadlines(loop, this::all);
        this.idle = new IdleServers(this);
        this.names = new NameWatch(this);
    }

    /**
     * From now on the pool has these servers and settings. One that it had before keeps its connections; one that it
     * does not have any more gets no requests, answers what it has, for at most the settings' drain timeout, and goes.
     *
     * @param servers in the order of the router's indexes
     * @param protocol of connections that are new
     * @param health with these servers at the same indexes
     * @param publish gets the servers in the same order, before clients that waited for one that leaves go on
     */
    public void use(
            List<PoolServer> servers,
            BackendSettings newSettings,
            Protocol protocol,
            HealthBoard health,
            Consumer<List<Backend>> publish) {
        settings = newSettings;
        Map<PoolServer, Backend> before = new LinkedHashMap<>();
        backends.forEach(backend -> before.put(backend.server(), backend));
        List<Backend> next = new ArrayList<>();
        for (int i = 0; i < servers.size(); i++) {
            Backend kept = before.remove(servers.get(i));
            if (kept == null) {
                next.add(new Backend(this, servers.get(i), protocol, health.server(i)));
            } else {
                kept.onPoolChanged(health.server(i));
                next.add(kept);
            }
        }
        backends = List.copyOf(next);
        publish.accept(backends);
        before.values().forEach(backend -> leaving.add(backend, settings.drainTimeout()));
        preconnect();
        idle.watch();
        names.watch();
    }

    /** Those that get requests. */
    List<Backend> inUse() {
        return backends;
    }

    /** Those that leave included. */
    List<Backend> all() {
        return leaving.isEmpty() ? backends : leaving.with(backends);
    }

    /** Connects to all servers where the pool is to be connected before its first request. */
    private void preconnect() {
        if (settings.preconnect()) {
            backends.forEach(Backend::preconnect);
        }
    }

    /** Closes all connections for good. */
    public void close() {
        closing = true;
        privateConnections.close(STOPPING);
        backends.forEach(backend -> backend.close(STOPPING));
        leaving.close(STOPPING);
    }

    /** Where this event loop counts what happens in this pool. */
    public PoolCounters counters() {
        return counters;
    }

    boolean isClosing() {
        return closing;
    }

    ConnectPacer pacer() {
        return pacer;
    }

    /** Whether so many requests may be sent once more, which then they are. */
    boolean mayRetry(int requests) {
        long requestsSoFar = 0;
        for (Backend backend : all()) {
            for (BackendConnection connection : backend.connections()) {
                requestsSoFar += connection.requests();
            }
        }
        return retryBudget.take(requests, requestsSoFar, settings.retries().percent());
    }

    String pool() {
        return pool;
    }

    Loop loop() {
        return loop;
    }

    BackendSettings settings() {
        return settings;
    }

    RandomGenerator random() {
        return random;
    }

    WorkerBudget budget() {
        return budget;
    }

    PrivateConnections privateConnections() {
        return privateConnections;
    }

    IdleServers idle() {
        return idle;
    }

    Deadlines deadlines() {
        return deadlines;
    }
}
