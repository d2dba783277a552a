package io.sluice.proxy;

import io.sluice.proxy.access.AccessHolder;
import io.sluice.proxy.admin.ConfigStatus;
import io.sluice.proxy.admin.ConfigStatus.Reload;
import io.sluice.proxy.admin.ConfigStatus.Result;
import io.sluice.proxy.admin.ProxyView;
import io.sluice.proxy.admin.ReloadRequests;
import io.sluice.proxy.admin.ServingPhase;
import io.sluice.proxy.admin.WorkerPulse;
import io.sluice.proxy.backend.ConnectPacer;
import io.sluice.proxy.budget.ProcessBudget;
import io.sluice.proxy.config.ConfigPlan;
import io.sluice.proxy.config.Membership;
import io.sluice.proxy.config.ProxyConfig;
import io.sluice.proxy.config.ProxyConfig.Pool;
import io.sluice.proxy.config.ProxyConfig.TransportPreference;
import io.sluice.proxy.dispatch.HandoffLease;
import io.sluice.proxy.faults.FaultBoard;
import io.sluice.proxy.metrics.MetricBoard;
import io.sluice.proxy.protocol.ErrorKind;
import io.sluice.proxy.session.ClientSessions;
import io.sluice.proxy.tls.CertificateWatch;
import io.sluice.proxy.tls.TlsEngine;
import io.sluice.proxy.topology.EffectiveConfig;
import io.sluice.proxy.topology.MemberStatus;
import io.sluice.proxy.topology.TopologyRefusedException;
import io.sluice.proxy.topology.TopologyTaker;
import io.sluice.proxy.topology.Uptake;
import io.sluice.proxy.transport.AddressResolver;
import io.sluice.proxy.transport.DirectMemory;
import io.sluice.proxy.transport.Loops;
import io.sluice.proxy.transport.Transport;
import io.sluice.proxy.transport.TransportChoice;
import io.sluice.routing.cluster.ProxyRegistration;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.config.ConfigException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running proxy: builds everything, starts and stops it in order. May be used from any thread. */
public final class Proxy implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Proxy.class);
    private static final int LOOP_SHUTDOWN_SECONDS = 5;
    /** How long the addresses of a process that dies may still be taken. */
    private static final Duration LISTEN_AGAIN = Duration.ofSeconds(5);

    private static final Duration CLOSING = Duration.ofSeconds(2);

    private static final long DRAIN_POLL_NANOS = Duration.ofMillis(5).toNanos();

    private final TransportChoice choice;
    private final Loops loops;
    private final ClientSessions.Census census;
    private final ProcessBudget budget;
    private final FaultBoard faults;
    private final CertificateWatch certificates = new CertificateWatch();
    private final List<Worker> workers;
    private final MetricBoard board;
    private final LivePools pools;
    private final ReloadRequests reloads = new ReloadRequests();
    private final TopologyTaker taker = new TopologyTaker() {
        @Override
        public void check(Topology topology) throws TopologyRefusedException {
            EffectiveConfig.of(config, topology);
        }

        @Override
        public Uptake take(Topology topology) throws TopologyRefusedException {
            return serveBy(topology);
        }
    };
    private final HandoffLease lease = new HandoffLease() {
        @Override
        public long renewals() {
            return seat.renewals();
        }

        @Override
        public boolean isHeldSince(long renewals, Duration limit) {
            return seat.holdsLeaseSince(renewals, limit);
        }

        @Override
        public Duration steady() {
            return steadyLease(config);
        }

        @Override
        public long epoch() {
            return seat.epoch();
        }
    };
    private volatile ClusterSeat seat = ClusterSeat.NONE;
    private final String incarnation = UUID.randomUUID().toString();
    private final Instant startedAt = Instant.now();
    private volatile ProxyConfig config;
    private volatile ServingPhase phase = ServingPhase.STARTING;
    private @Nullable Monitor monitor;
    private volatile ConfigStatus status = ConfigStatus.first(Instant.now());
    private boolean stopped;
    private boolean handedOver;

    private Proxy(ProxyConfig config, TransportChoice choice, AddressResolver resolver) {
        this.config = config;
        this.choice = choice;
        this.loops = new Loops(choice.transport(), workerCount(config), resolver);
        this.faults = new FaultBoard(
                InstantSource.system(),
                System::nanoTime,
                (delay, task) -> loops.get(0).schedule(task, delay));
        this.census = new ClientSessions.Census(config.limits().maxClients());
        this.budget = new ProcessBudget(processBytes(config), DirectMemory::isScarce);
        ConnectPacer pacer = new ConnectPacer(config.limits().serverConnectsPerSecond(), System::nanoTime);
        this.workers = IntStream.range(0, loops.count())
                .mapToObj(loop -> new Worker(loops.get(loop), census, budget, faults, pacer, lease))
                .toList();
        this.board = board(loops.count());
        this.pools = new LivePools(loops, workers, board, pacer, certificates);
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
        Proxy proxy = new Proxy(config, choose(config.transport()), resolver);
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

    private void takeOver(TakeOver from) throws ProxyStartException {
        if (!loops.canHandOver()) {
            throw new ProxyStartException(
                    "transport: " + choice.name() + " cannot take sockets over; use io_uring or epoll");
        }
        log.info("Transport: {}; workers={}", choice.describe(), loops.count());
        census.beginAfter(from.clientsBeginAfter());
        seat = ClusterSeat.join(config, registration(), false, taker);
        pools.inherit(from.descriptors());
        Uptake first = serve(config, status.epoch());
        pools.closeUnwantedInheritance();
        phase = ServingPhase.READY;
        follow(first);
        seat.announce(config, adminAddress().orElse(""), startedAt);
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
        pools.ownListeners();
        startMonitorLate();
    }

    /** There are clients already: without these pages is better than without them. */
    private void startMonitorLate() {
        try {
            monitor = Monitor.start(config.monitoring(), view());
        } catch (ProxyStartException e) {
            log.error("Going on without: {}", e.getMessage());
        }
    }

    private static long processBytes(ProxyConfig config) {
        long configured = config.limits().processBufferBytes();
        long most = DirectMemory.maxBytes();
        if (configured <= 0) {
            return (long) (most * ProcessBudget.SHARE_OF_DIRECT_MEMORY);
        }
        long bound = (long) (most * ProcessBudget.MOST_OF_DIRECT_MEMORY);
        if (configured > bound) {
            log.warn(
                    "limits.process_buffer_bytes is more than the JVM gives, {} is used: configured={}"
                            + " -XX:MaxDirectMemorySize={}",
                    bound,
                    configured,
                    most);
        }
        return Math.min(configured, bound);
    }

    /** Half of the processors, since servers and the kernel want theirs; at least one. */
    private static int workerCount(ProxyConfig config) {
        return config.workers() > 0
                ? config.workers()
                : Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
    }

    private static TransportChoice choose(TransportPreference preference) throws ProxyStartException {
        Transport wanted = switch (preference) {
            case AUTO -> null;
            case IO_URING -> Transport.IO_URING;
            case EPOLL -> Transport.EPOLL;
            case NIO -> Transport.NIO;
        };
        if (wanted == null) {
            return TransportChoice.first();
        }
        Optional<String> reason = wanted.unavailableBecause();
        if (reason.isPresent()) {
            throw new ProxyStartException("transport: " + preference.name().toLowerCase(Locale.ROOT)
                    + " is not available here: " + reason.get() + "; use transport: auto");
        }
        return new TransportChoice(wanted, List.of());
    }

    private void build() throws ProxyStartException {
        log.info("Transport: {}; workers={}", choice.describe(), loops.count());
        if (config.pools().stream().anyMatch(pool -> pool.edge().speaksTls())) {
            log.info("TLS: {}; protocols={}", TlsEngine.choose().describe(), TlsEngine.PROTOCOLS);
        }
        monitor = Monitor.start(config.monitoring(), view());
        seat = ClusterSeat.join(config, registration(), true, taker);
        Uptake first = serve(config, status.epoch());
        phase = ServingPhase.READY;
        follow(first);
        seat.announce(config, adminAddress().orElse(""), startedAt);
    }

    // ---- the cluster

    private ProxyRegistration registration() {
        String configured = String.valueOf(config.monitoring().admin());
        String admin = monitor == null && !configured.equals("none") ? "http://" + configured : "";
        Map<String, String> listen = new LinkedHashMap<>();
        config.pools()
                .forEach(pool -> listen.put(pool.name(), pool.listen().address().toString()));
        return new ProxyRegistration(
                        incarnation,
                        version(),
                        adminAddress().orElse(admin),
                        startedAt.truncatedTo(ChronoUnit.MILLIS),
                        listen)
                .withSteadyLease(steadyLease(config));
    }

    private static Duration steadyLease(ProxyConfig config) {
        Membership membership = config.zookeeper();
        return membership == null ? Duration.ZERO : membership.steadyLease();
    }

    /** Makes the pools what the file and the topology of the cluster say together. */
    private Uptake serve(ProxyConfig file, long epoch) throws ProxyStartException {
        try {
            return pools.become(seat.with(file), epoch);
        } catch (TopologyRefusedException e) {
            throw new ProxyStartException(e.getMessage(), e);
        }
    }

    private void follow(Uptake first) throws ProxyStartException {
        try {
            seat.follow(first, config, taker);
        } catch (TopologyRefusedException e) {
            throw new ProxyStartException(e.getMessage(), e);
        }
    }

    /** The file stays, the topology is another one. */
    private synchronized Uptake serveBy(Topology next) throws TopologyRefusedException {
        if (stopped) {
            throw new TopologyRefusedException("the proxy has stopped");
        }
        EffectiveConfig effective = EffectiveConfig.of(config, next);
        try {
            Uptake uptake = pools.become(effective, status.epoch());
            seat.took(next, effective);
            return uptake;
        } catch (ProxyStartException e) {
            throw new TopologyRefusedException(e.getMessage());
        }
    }

    /** Its place in its cluster, if it has one. */
    ClusterSeat seat() {
        return seat;
    }

    /** How it stands between this proxy and its cluster; empty if it is a member of none. */
    public Optional<MemberStatus> membership() {
        return seat.status();
    }

    private static MetricBoard board(int loops) {
        return new MetricBoard(Arrays.stream(ErrorKind.values()).map(Enum::name).toList(), loops);
    }

    private ProxyView view() {
        List<Executor> executors = IntStream.range(0, loops.count())
                .mapToObj(loops::get)
                .<Executor>map(loop -> loop::execute)
                .toList();
        return new ProxyView(
                () -> config,
                () -> status,
                board,
                budget,
                pools::views,
                new WorkerPulse(executors, System::nanoTime),
                () -> phase,
                choice.name(),
                version(),
                startedAt,
                faults,
                certificates::watched,
                reloads,
                () -> seat.view(config));
    }

    /** Stands in the runnable jar only. */
    private static String version() {
        String version = Proxy.class.getPackage().getImplementationVersion();
        return version == null ? "unknown" : version;
    }

    /** Which transport is used, and why not a better one; one line for people. */
    public String transportLine() {
        return choice.describe();
    }

    /** What is held for clients and servers. */
    public ProcessBudget budget() {
        return budget;
    }

    /** Where the admin pages are, as a URL; empty if there are none. */
    public Optional<String> adminAddress() {
        return monitor == null ? Optional.empty() : monitor.adminAddress();
    }

    /** Who may do what in a pool, and how that is changed; empty if there is no such pool. */
    public Optional<AccessHolder> access(String pool) {
        return pools.access(pool);
    }

    /** Clients connected now. */
    public int clients() {
        return census.clients();
    }

    /** What it runs with. */
    public ProxyConfig config() {
        return config;
    }

    /** Whether every event loop runs a task within this time. Blocks for so long at most. */
    public boolean answersWithin(Duration limit) {
        CompletableFuture<?>[] answers =
                workers.stream().map(worker -> worker.run(List.of())).toArray(CompletableFuture[]::new);
        try {
            CompletableFuture.allOf(answers).get(limit.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException | ExecutionException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Which configuration that is, and what became of others. */
    public ConfigStatus configStatus() {
        return status;
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
        Reload reload = carryOut(trigger, source);
        status = status.with(reload);
        switch (reload.result()) {
            case APPLIED ->
                log.info("Configuration applied: epoch={} trigger={}\n{}", status.epoch(), trigger, reload.message());
            case UNCHANGED -> log.info("Configuration unchanged: epoch={} trigger={}", status.epoch(), trigger);
            case REFUSED ->
                log.warn(
                        "Configuration refused, the former one stays: epoch={} trigger={}\n{}",
                        status.epoch(),
                        trigger,
                        reload.message());
        }
        return reload;
    }

    private Reload carryOut(String trigger, Supplier<ProxyConfig> source) {
        Instant now = Instant.now();
        if (stopped || phase != ServingPhase.READY) {
            return new Reload(now, trigger, Result.REFUSED, "the proxy is stopping");
        }
        try {
            ProxyConfig next = source.get();
            ConfigPlan plan = ConfigPlan.between(config, next);
            if (plan.isEmpty()) {
                return new Reload(now, trigger, Result.UNCHANGED, plan.text());
            }
            if (!plan.isLive()) {
                return new Reload(now, trigger, Result.REFUSED, plan.text());
            }
            next.warnings().forEach(warning -> log.warn("{}", warning));
            serve(next, status.epoch() + 1);
            census.bound(next.limits().maxClients());
            config = next;
            seat.describe(registration());
            return new Reload(now, trigger, Result.APPLIED, plan.text());
        } catch (ConfigException | ProxyStartException e) {
            return new Reload(now, trigger, Result.REFUSED, String.valueOf(e.getMessage()));
        }
    }

    /**
     * Sends the listening sockets to another process, and goes on as before; returns false if it cannot hand over.
     * Meanwhile no other configuration is taken up: it might close one of them, and its number be a client's.
     */
    synchronized boolean offerListeners(ControlConversation to) throws IOException {
        if (stopped || !loops.canHandOver()) {
            return false;
        }
        Map<String, List<Integer>> descriptors = pools.descriptors(); // none where TLS is spoken: both listen there
        int count = descriptors.values().stream().mapToInt(List::size).sum();
        to.sendLine("LISTENERS " + count + " " + census.lastId());
        for (Map.Entry<String, List<Integer>> listener : descriptors.entrySet()) {
            for (int descriptor : listener.getValue()) {
                to.sendLine(listener.getKey());
                to.sendDescriptor(descriptor);
            }
        }
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
        pools.releaseListeners();
        if (monitor != null) {
            monitor.close();
            monitor = null;
        }
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
        to.sendLine("CLIENTS");
        log.info("Handing over: clients={}", census.clients());
        OutgoingClients outgoing = new OutgoingClients(to);
        pools.handOver(outgoing::of);
        long deadline = System.nanoTime() + config.lifecycle().drainTimeout().toNanos();
        while (outgoing.expected() > 0 && System.nanoTime() - deadline < 0) {
            LockSupport.parkNanos(DRAIN_POLL_NANOS);
        }
        outgoing.end();
        log.info("Handed over: clients={} left={}", outgoing.gone(), census.clients());
    }

    /** The process that was to take over has gone with its sockets: somebody must serve. */
    private void listenAgain() {
        long deadline = System.nanoTime() + LISTEN_AGAIN.toNanos();
        while (true) {
            try {
                serve(config, status.epoch());
                phase = ServingPhase.READY;
                startMonitorLate();
                return;
            } catch (ProxyStartException e) { // a process that dies closes its sockets one after the other
                if (System.nanoTime() - deadline >= 0) {
                    log.error("Nobody listens: {}", e.getMessage());
                    return;
                }
                LockSupport.parkNanos(DRAIN_POLL_NANOS);
            }
        }
    }

    /**
     * Stops accepting, lets clients have the replies they are owed for at most {@code shutdown_timeout}, then closes
     * everything. Returns when all is closed.
     */
    public synchronized void drainAndStop() {
        if (stopped) {
            return;
        }
        log.info(
                "Draining: clients={} timeout={}ms",
                census.clients(),
                config.shutdownTimeout().toMillis());
        phase = ServingPhase.DRAINING; // before the listeners close: load balancers look there
        seat.withdraw();
        pools.closeListeners();
        workers.forEach(Worker::drain);
        long deadline = System.nanoTime() + config.shutdownTimeout().toNanos();
        while (census.clients() > 0 && System.nanoTime() - deadline < 0) {
            LockSupport.parkNanos(DRAIN_POLL_NANOS);
        }
        if (census.clients() > 0) {
            log.warn("Clients closed before their replies came: clients={}", census.clients());
            closeClients();
        }
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

    /** They are to be served by nobody for whom the cluster does not wait any more. */
    private void closeClients() {
        workers.forEach(Worker::close);
        if (!answersWithin(CLOSING)) {
            log.warn("An event loop does not close its clients");
        }
    }

    /** Closes everything at once; the place in the cluster last, since its next holder may count on the end of the rest. */
    @Override
    public synchronized void close() {
        if (!stopped) {
            stopped = true;
            seat.withdraw();
            pools.closeListeners();
            pools.stopProbing();
            workers.forEach(Worker::close);
            certificates.close();
            loops.shutdown(LOOP_SHUTDOWN_SECONDS);
            seat.close();
            if (monitor != null) {
                monitor.close();
            }
        }
    }
}
