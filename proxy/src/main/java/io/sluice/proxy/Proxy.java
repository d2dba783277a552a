package io.sluice.proxy;

import io.sluice.proxy.access.AccessHolder;
import io.sluice.proxy.admin.ConfigStatus;
import io.sluice.proxy.admin.ConfigStatus.Reload;
import io.sluice.proxy.admin.ProxyView;
import io.sluice.proxy.admin.ReloadRequests;
import io.sluice.proxy.admin.ServingPhase;
import io.sluice.proxy.admin.WorkerPulse;
import io.sluice.proxy.budget.ProcessBudget;
import io.sluice.proxy.config.ProxyConfig;
import io.sluice.proxy.config.ProxyConfig.Pool;
import io.sluice.proxy.tls.CertificateWatch;
import io.sluice.proxy.tls.TlsEngine;
import io.sluice.proxy.topology.MemberStatus;
import io.sluice.proxy.topology.TopologyRefusedException;
import io.sluice.proxy.topology.TopologyTaker;
import io.sluice.proxy.topology.Uptake;
import io.sluice.proxy.transport.AddressResolver;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.config.ConfigException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running proxy: builds everything, starts and stops it in order. May be used from any thread. */
public final class Proxy implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Proxy.class);

    /** How long the addresses of a process that dies may still be taken. */
    private static final Duration LISTEN_AGAIN = Duration.ofSeconds(5);

    private static final long LISTEN_AGAIN_NANOS = Duration.ofMillis(5).toNanos();

    private final Instant startedAt = Instant.now();
    private final ClusterSeat seat;
    private final Workers workers;
    private final CertificateWatch certificates;
    private final OpenListeners listeners;
    private final LivePools pools;
    private final LiveConfig live;
    private final Monitor monitor = new Monitor(this::view);
    private final ReloadRequests reloads = new ReloadRequests();
    private final TopologyTaker taker = new TopologyTaker() {
        @Override
        public void check(Topology topology) throws TopologyRefusedException {
            live.check(topology);
        }

        @Override
        public Uptake take(Topology topology) throws TopologyRefusedException {
            return serveBy(topology);
        }
    };
    private volatile ServingPhase phase = ServingPhase.STARTING;
    private boolean stopped;
    private boolean handedOver;

    private Proxy(ProxyConfig config, AddressResolver resolver) throws ProxyStartException {
        this.seat = new ClusterSeat(config, version(), startedAt);
        this.workers = Workers.start(config, resolver, seat);
        this.certificates = new CertificateWatch();
        this.listeners = new OpenListeners(workers.loops());
        this.pools = new LivePools(workers, listeners, certificates);
        this.live = new LiveConfig(config, pools, seat);
    }

    /** Starts a proxy; when this returns, it accepts clients. */
    public static Proxy start(ProxyConfig config) throws ProxyStartException {
        return start(config, null);
    }

    /**
     * Starts a proxy in place of one that runs; when this returns, it accepts clients, and the other one does not. The
     * other's clients come over meanwhile and afterwards, each between two of its requests.
     */
    public static Proxy start(ProxyConfig config, @Nullable TakeOver takeOver) throws ProxyStartException {
        return start(config, takeOver, new AddressResolver());
    }

    /** With names of servers as {@code resolver}, taken over, knows them. */
    public static Proxy start(ProxyConfig config, @Nullable TakeOver takeOver, AddressResolver resolver)
            throws ProxyStartException {
        for (Pool pool : config.pools()) {
            Listeners.check(pool, takeOver); // before there are threads to end
        }
        Proxy proxy = new Proxy(config, resolver);
        try {
            if (takeOver == null) {
                proxy.build();
            } else {
                proxy.takeOver(takeOver);
            }
            return proxy;
        } catch (ProxyStartException | RuntimeException e) {
            if (takeOver == null) {
                proxy.seat.leave(); // nobody is to wait for a proxy that never was
            } // else the former process, which lives and serves, takes its name back without a moment in between
            proxy.close();
            throw e;
        }
    }

    private void build() throws ProxyStartException {
        log.info("Transport: {}; workers={}", transportLine(), workers.count());
        if (config().pools().stream().anyMatch(pool -> pool.edge().speaksTls())) {
            log.info("TLS: {}; protocols={}", TlsEngine.choose().describe(), TlsEngine.PROTOCOLS);
        }
        monitor.open(config().monitoring());
        seat.join(config(), adminToTell(), true, taker);
        acceptClients(live.serve());
    }

    private void takeOver(TakeOver from) throws ProxyStartException {
        if (!workers.loops().canHandOver()) {
            throw new ProxyStartException(
                    "transport: " + workers.transport().name() + " cannot take sockets over; use io_uring or epoll");
        }
        log.info("Transport: {}; workers={}", transportLine(), workers.count());
        workers.census().beginAfter(from.clientsBeginAfter());
        seat.join(config(), adminToTell(), false, taker);
        listeners.inherit(from.descriptors());
        Uptake first = live.serve();
        listeners.closeUnwantedInheritance();
        acceptClients(first);
        succeed(from);
        listeners.own();
        monitor.openLate(config().monitoring());
    }

    /** The pools serve already. */
    private void acceptClients(Uptake first) throws ProxyStartException {
        phase = ServingPhase.READY;
        seat.follow(first, config(), taker);
        seat.announce(config(), adminAddress().orElse(""));
    }

    /** The former process does not accept clients any more; those that it has come over by and by. */
    private void succeed(TakeOver from) throws ProxyStartException {
        try {
            from.ready();
            Thread incoming = new Thread(
                    () -> {
                        from.takeClients(pools);
                        seat.acknowledge();
                    },
                    "take-over");
            incoming.setDaemon(true);
            incoming.start();
        } catch (SocketTimeoutException e) { // it is there, and does not stop
            throw new ProxyStartException("cannot take over: " + e.getMessage(), e);
        } catch (IOException e) { // it is gone, and we have its sockets: somebody must serve
            log.error("The former process has ended without handing its clients over: error={}", e.getMessage());
            from.close();
            seat.acknowledge();
        }
    }

    // ---- the cluster

    /** Where the admin pages are, or are about to be; empty if nowhere. */
    private String adminToTell() {
        return monitor.adminToTell(config().monitoring());
    }

    /** The file stays, the topology is another one. */
    private synchronized Uptake serveBy(Topology next) throws TopologyRefusedException {
        if (stopped) {
            throw new TopologyRefusedException("the proxy has stopped");
        }
        return live.serveBy(next);
    }

    /** Its place in its cluster, if it has one. */
    ClusterSeat seat() {
        return seat;
    }

    /** How it stands between this proxy and its cluster; empty if it is a member of none. */
    public Optional<MemberStatus> membership() {
        return seat.status();
    }

    private ProxyView view() {
        return new ProxyView(
                live::file,
                live::status,
                workers.board(),
                workers.budget(),
                pools::views,
                new WorkerPulse(workers.executors(), System::nanoTime),
                () -> phase,
                workers.transport().name(),
                version(),
                startedAt,
                workers.faults(),
                certificates::watched,
                reloads,
                () -> seat.view(live.file()));
    }

    /** Stands in the runnable jar only. */
    private static String version() {
        String version = Proxy.class.getPackage().getImplementationVersion();
        return version == null ? "unknown" : version;
    }

    /** Which transport is used, and why not a better one; one line for people. */
    public String transportLine() {
        return workers.transport().describe();
    }

    /** What is held for clients and servers. */
    public ProcessBudget budget() {
        return workers.budget();
    }

    /** Where the admin pages are, as a URL; empty if there are none. */
    public Optional<String> adminAddress() {
        return monitor.adminAddress();
    }

    /** Who may do what in a pool, and how that is changed; empty if there is no such pool. */
    public Optional<AccessHolder> access(String pool) {
        return pools.access(pool);
    }

    /** Clients connected now. */
    public int clients() {
        return workers.census().clients();
    }

    /** What it runs with. */
    public ProxyConfig config() {
        return live.file();
    }

    /** Whether every event loop runs a task within this time. Blocks for so long at most. */
    public boolean answersWithin(Duration limit) {
        return workers.answerWithin(limit);
    }

    /** Which configuration that is, and what became of others. */
    public ConfigStatus configStatus() {
        return live.status();
    }

    /** Who reads the configuration again when the admin address is asked to. */
    void reloadOnRequest(Function<String, Reload> reloader) {
        reloads.areAnsweredBy(reloader);
    }

    /**
     * Does what another configuration says, without a restart: all of it, or nothing where something is wrong with it.
     * Servers that stay keep their connections, clients theirs. Blocks until the event loops follow.
     *
     * @param trigger who offers it, for people
     * @param source reads it; may throw a {@link ConfigException}
     */
    public synchronized Reload reload(String trigger, Supplier<ProxyConfig> source) {
        if (stopped || phase != ServingPhase.READY) {
            return live.refuse(trigger, "the proxy is stopping");
        }
        return live.reload(trigger, source, this::follow);
    }

    private void follow(ProxyConfig next) {
        workers.census().bound(next.limits().maxClients());
        seat.describe(next, adminToTell());
    }

    // ---- another process

    /**
     * Sends the listening sockets to another process, and goes on as before; returns false if it cannot hand over.
     * Meanwhile no other configuration is taken up: it might close one of them, and its number be a client's.
     */
    synchronized boolean offerListeners(ControlConversation to) throws IOException {
        if (stopped || !workers.loops().canHandOver()) {
            return false;
        }
        to.sendListeners(
                listeners.descriptors(), workers.census().lastId()); // none where TLS is spoken: both listen there
        return true;
    }

    /** Whether it accepts clients, and is not about to stop. */
    boolean isReady() {
        return phase == ServingPhase.READY;
    }

    /**
     * Another process accepts clients in our place: gives it all that we have, and stops. Returns when all is closed.
     * A client whose replies do not come in {@code drain_timeout}, or whose connection cannot be given away, is closed
     * once it has what it is owed, or at the end.
     */
    synchronized void handOver(ControlConversation to) throws IOException {
        phase = ServingPhase.DRAINING;
        listeners.release();
        monitor.close();
        try {
            handClientsOver(to);
        } catch (IOException e) {
            listenAgain();
            throw e;
        } catch (RuntimeException e) { // the other process serves: those who stay here are to find it
            log.error("Clients could not be handed over, they are drained", e);
        }
        handedOver = true;
        drainAndStop();
    }

    private void handClientsOver(ControlConversation to) throws IOException {
        log.info("Handing over: clients={}", clients());
        int gone = new OutgoingClients(to).send(pools, config().lifecycle().drainTimeout());
        log.info("Handed over: clients={} left={}", gone, clients());
    }

    /** The process that was to take over has gone with its sockets: somebody must serve. */
    private void listenAgain() {
        long deadline = System.nanoTime() + LISTEN_AGAIN.toNanos();
        while (true) {
            try {
                live.serve();
                phase = ServingPhase.READY;
                monitor.openLate(config().monitoring());
                return;
            } catch (ProxyStartException e) { // a process that dies closes its sockets one after the other
                if (System.nanoTime() - deadline >= 0) {
                    log.error("Nobody listens: {}", e.getMessage());
                    return;
                }
                LockSupport.parkNanos(LISTEN_AGAIN_NANOS);
            }
        }
    }

    // ---- the end

    /**
     * Stops accepting, lets clients have the replies they are owed for at most {@code shutdown_timeout}, then closes
     * everything. Returns when all is closed.
     */
    public synchronized void drainAndStop() {
        if (stopped) {
            return;
        }
        Duration timeout = config().shutdownTimeout();
        log.info("Draining: clients={} timeout={}ms", clients(), timeout.toMillis());
        phase = ServingPhase.DRAINING; // before the listeners close: load balancers look there
        seat.withdraw();
        listeners.close();
        workers.drain(timeout);
        leaveCluster();
        close();
        log.info("Stopped");
    }

    /** Who takes over may not have reached ZooKeeper yet: the cluster goes on waiting for this name then. */
    private void leaveCluster() {
        if (handedOver) {
            seat.leaveToNext();
        } else {
            seat.leave();
        }
    }

    /** Closes everything at once; the place in the cluster last, since its next holder may count on the end of the rest. */
    @Override
    public synchronized void close() {
        if (!stopped) {
            stopped = true;
            seat.withdraw();
            listeners.close();
            pools.stopProbing();
            workers.close();
            certificates.close();
            workers.shutdown();
            seat.close();
            monitor.close();
        }
    }
}
