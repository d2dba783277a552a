package io.sluice.proxy.backend;

import io.sluice.proxy.budget.BackendBudget;
import io.sluice.proxy.health.HealthBoard;
import io.sluice.proxy.metrics.ServerCounters;
import io.sluice.proxy.protocol.Protocol;
import io.sluice.proxy.transport.Loop;
import io.sluice.routing.topology.ServerAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** One server as one event loop sees it: its connections. Event-loop only. */
public final class Backend {

    private final BackendPools pools;
    private final PoolServer server;
    private final Protocol protocol;
    private final ServerCounters counters;
    private final List<BackendConnection> connections = new ArrayList<>();
    private HealthBoard health;
    private int index; // on that board
    private boolean leaving; // gets no more requests
    private boolean closed;

    Backend(BackendPools pools, PoolServer server, Protocol protocol, HealthBoard health, int index) {
        this.pools = pools;
        this.server = server;
        this.protocol = protocol;
        this.counters = pools.counters().server(server.name());
        this.health = health;
        this.index = index;
        for (int i = 0; i < pools.settings().connections(); i++) {
            connections.add(new BackendConnection(this));
        }
    }

    /**
     * The connection for a client. A client always gets the same one: over two connections its write could be overtaken
     * by its own read.
     */
    public BackendConnection connection(long client) {
        return connections.size() == 1
                ? connections.get(0)
                : connections.get((int) Long.remainderUnsigned(client, connections.size()));
    }

    /** The pool has changed: settings, and where this server's health is kept. */
    void onPoolChanged(HealthBoard newHealth, int newIndex) {
        health = newHealth;
        index = newIndex;
        connections.forEach(BackendConnection::onSettings);
    }

    /** No more requests will come. Clients that wait for room here are to look for another server. */
    void leave() {
        leaving = true;
        connections.forEach(BackendConnection::releaseWaiters);
    }

    /** Whether nothing is awaited from it. */
    boolean isIdle() {
        return connections.stream().allMatch(BackendConnection::isIdle);
    }

    /** Closes its connections for good; what is in flight is answered with an error that tells the cause. */
    void close(String cause) {
        if (!closed) {
            closed = true;
            connections.forEach(connection -> connection.close(cause));
            server.onLoopDone();
        }
    }

    PoolServer server() {
        return server;
    }

    List<BackendConnection> connections() {
        return connections;
    }

    Loop loop() {
        return pools.loop();
    }

    BackendSettings settings() {
        return pools.settings();
    }

    Protocol protocol() {
        return protocol;
    }

    RandomGenerator random() {
        return pools.random();
    }

    BackendBudget newBudget(long now) {
        BackendSettings settings = settings();
        return new BackendBudget(
                pools.budget(),
                server.name(),
                settings.maxQueuedBytes(),
                settings.maxInFlight(),
                settings.stallTimeout(),
                now);
    }

    Deadlines deadlines() {
        return pools.deadlines();
    }

    IdleServers idle() {
        return pools.idle();
    }

    ServerCounters counters() {
        return counters;
    }

    String pool() {
        return pools.pool();
    }

    String name() {
        return server.name();
    }

    ServerAddress address() {
        return server.address();
    }

    boolean isClosing() {
        return closed || pools.isClosing();
    }

    /** Whether a connection is to be had before somebody asks for it. */
    boolean isKeptConnected() {
        return settings().preconnect() && !leaving && !isClosing();
    }

    void failed() {
        health.failed(index);
    }

    void succeeded() {
        health.succeeded(index);
    }

    int returns() {
        return health.returns(index);
    }
}
