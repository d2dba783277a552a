package io.sluice.proxy.backend;

import io.sluice.proxy.budget.BackendBudget;
import io.sluice.proxy.health.ServerHealth;
import io.sluice.proxy.health.Signal;
import io.sluice.proxy.metrics.ServerCounters;
import io.sluice.proxy.metrics.ServerMetric;
import io.sluice.proxy.protocol.ErrorKind;
import io.sluice.proxy.protocol.Protocol;
import io.sluice.proxy.transport.AddressResolver;
import io.sluice.proxy.transport.Loop;
import io.sluice.routing.topology.ServerAddress;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** One server as one event loop sees it: its connections. Event-loop only. */
public final class Backend {

    private final BackendPools pools;
    private final PoolServer server;
    private final Protocol protocol;
    private final ServerCounters counters;
    private final ServerConnections connections;
    private final boolean hasName;
    private final Runnable whenDemoted = this::afterDemotion;
    private ServerHealth health;
    private boolean leaving; // gets no more requests
    private boolean closed;

    Backend(BackendPools pools, PoolServer server, Protocol protocol, ServerHealth health) {
        this.pools = pools;
        this.server = server;
        this.protocol = protocol;
        this.counters = pools.counters().server(server.name());
        this.health = health;
        this.hasName = !server.address().isUnixSocket()
                && !AddressResolver.isLiteral(server.address().hostOrPath());
        this.connections = new ServerConnections(this, pools.settings().connections());
        server.whenDemoted(whenDemoted);
    }

    /**
     * The connection for a client. A client always gets the same one: over two connections its write could be overtaken
     * by its own read.
     */
    public BackendConnection connection(long client) {
        return connections.of(client);
    }

    /** A connection for one client alone, until it is given back; null if there are as many as may be. */
    public @Nullable PrivateConnection lease() {
        return pools.privateConnections().lease(this);
    }

    /** The pool has changed: settings, and perhaps how this server's health is judged. */
    void onPoolChanged(ServerHealth newHealth) {
        health = newHealth;
        connections.all().forEach(BackendConnection::onSettings);
    }

    /** No more requests will come. Clients that wait for room here are to look for another server. */
    void leave() {
        leaving = true;
        pools.privateConnections().closeIdle(this);
        connections.all().forEach(BackendConnection::releaseWaiters);
    }

    /** Whether nothing is awaited from it. */
    boolean isIdle() {
        return connections.all().stream().allMatch(BackendConnection::isIdle)
                && !pools.privateConnections().isLeased(this);
    }

    /** Closes its connections for good; what is in flight is answered with an error that tells the cause. */
    void close(String cause) {
        if (!closed) {
            closed = true;
            pools.privateConnections().close(this, cause);
            server.forgetWhenDemoted(whenDemoted);
            connections.all().forEach(connection -> connection.close(cause));
            server.onLoopDone();
        }
    }

    PoolServer server() {
        return server;
    }

    /** Those in use, those to come and those that leave. */
    List<BackendConnection> connections() {
        return connections.all();
    }

    /** Connects before somebody asks for it, as far as that is not done. */
    void preconnect() {
        connections.inUse().forEach(BackendConnection::connectWhenDue);
    }

    /** Whether its address is one only for as long as the name service says so. */
    boolean hasName() {
        return hasName;
    }

    /** Its name has these addresses now. */
    void onAddresses(Set<InetAddress> addresses) {
        if (!leaving && !isClosing()) {
            connections.replaceUnlessAt(addresses);
        }
    }

    private void afterDemotion() {
        loop().execute(() -> {
            if (!isClosing()) {
                connections.replaceOutdated();
            }
        });
    }

    /** This event loop was the first to hear that it is a replica. */
    void onDemotion() {
        counters.count(ServerMetric.DEMOTIONS);
    }

    void onReady(BackendConnection successor) {
        counters.count(ServerMetric.CONNECTIONS_MOVED);
        connections.onReady(successor);
    }

    void onSuccessorFailed(BackendConnection successor) {
        connections.onFailed(successor);
    }

    void onGone(BackendConnection retired) {
        connections.onGone(retired);
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

    public boolean isLeaving() {
        return leaving;
    }

    boolean isClosing() {
        return closed || pools.isClosing();
    }

    /** Whether a connection is to be had before somebody asks for it, be it to hear that the server may be used again. */
    boolean isKeptConnected() {
        return (settings().preconnect() || server.isReplica()) && !leaving && !isClosing();
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
