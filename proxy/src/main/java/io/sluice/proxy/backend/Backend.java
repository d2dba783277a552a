package io.sluice.proxy.backend;

import io.sluice.proxy.budget.BackendBudget;
import io.sluice.proxy.health.HealthBoard;
import io.sluice.proxy.metrics.ServerCounters;
import io.sluice.proxy.protocol.Protocol;
import io.sluice.proxy.transport.Loop;
import io.sluice.routing.topology.Server;
import io.sluice.routing.topology.ServerAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** One server as one event loop sees it: its connections. Event-loop only. */
public final class Backend {

    private final BackendPools pools;
    private final Server server;
    private final int index;
    private final List<BackendConnection> connections = new ArrayList<>();

    Backend(BackendPools pools, Server server, int index) {
        this.pools = pools;
        this.server = server;
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
        return pools.protocol();
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

    @Nullable IdleServers idle() {
        return pools.idle();
    }

    ServerCounters counters() {
        return pools.counters().server(index);
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
        return pools.isClosing();
    }

    void failed() {
        health().failed(index);
    }

    void succeeded() {
        health().succeeded(index);
    }

    int returns() {
        return health().returns(index);
    }

    private HealthBoard health() {
        return pools.health();
    }
}
