package io.sluice.proxy.backend;

import io.sluice.proxy.budget.BackendBudget;
import io.sluice.proxy.health.ServerHealth;
import io.sluice.proxy.health.Signal;
import io.sluice.proxy.metrics.ServerCounters;
import io.sluice.proxy.protocol.ErrorKind;
import io.sluice.proxy.protocol.Protocol;
import io.sluice.proxy.transport.Loop;
import io.sluice.routing.topology.ServerAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** One server as one event loop sees it: its connections. Event-loop only. */
public final class Backend {

    private final BackendPools pools;
    private final PoolServer server;
    private final Protocol protocol;
    private final ServerCounters counters;
    private final List<BackendConnection> connections = new ArrayList<>();
    private ServerHealth health;
    private boolean leaving; // gets no more requests
    private boolean closed;

    Backend(BackendPools pools, PoolServer server, Protocol protocol, ServerHealth health) {
        this.pools = pools;
        this.server = server;
        this.protocol = protocol;
        this.counters = pools.counters().server(server.name());
        this.health = health;
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

    /** A connection for one client alone, until it is given back; null if there are as many as may be. */
    public @Nullable PrivateConnection lease() {
        return pools.privateConnections().lease(this);
    }

    /** The pool has changed: settings, and perhaps how this server's health is judged. */
    void onPoolChanged(ServerHealth newHealth) {
        health = newHealth;
        connections.forEach(BackendConnection::onSettings);
    }

    /** No more requests will come. Clients that wait for room here are to look for another server. */
    void leave() {
        leaving = true;
        pools.privateConnections().closeIdle(this);
        connections.forEach(BackendConnection::releaseWaiters);
    }

    /** Whether nothing is awaited from it. */
    boolean isIdle() {
        return connections.stream().allMatch(BackendConnection::isIdle)
                && !pools.privateConnections().isLeased(this);
    }

    /** Closes its connections for good; what is in flight is answered with an error that tells the cause. */
    void close(String cause) {
        if (!closed) {
            closed = true;
            pools.privateConnections().close(this, cause);
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

    public String name() {
        return server.name();
    }

    ServerAddress address() {
        return server.address();
    }

    boolean isLeaving() {
        return leaving;
    }

    boolean isClosing() {
        return closed || pools.isClosing();
    }

    /** Whether a connection is to be had before somebody asks for it. */
    boolean isKeptConnected() {
        return settings().preconnect() && !leaving && !isClosing();
    }

    void failed(Signal signal, int requests) {
        health.failed(signal, requests);
    }

    void succeeded() {
        health.succeeded();
    }

    int returns() {
        return health.returns();
    }

    ConnectPacer pacer() {
        return pools.pacer();
    }

    boolean mayRetry(int requests) {
        return pools.mayRetry(requests);
    }

    /** The proxy answered with an error because of this server. */
    public void countError(ErrorKind kind) {
        counters.error(kind);
    }

    /** For a requester who has to do without, since the server is left out. */
    public String describeEjection() {
        String name = "server=" + server.name();
        return health.probedFrom()
                .map(from -> Duration.between(Instant.now(), from))
                .map(wait -> name
                        + (wait.isNegative() ? " state=probing" : " state=ejected probe_in=" + CoarseWait.text(wait)))
                .orElse(name + " state=returning");
    }
}
