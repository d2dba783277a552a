package io.sluice.proxy;

import io.sluice.proxy.admin.ProxyView;
import io.sluice.proxy.admin.ServingPhase;
import io.sluice.proxy.admin.WorkerPulse;
import io.sluice.proxy.budget.ProcessBudget;
import io.sluice.proxy.config.ProxyConfig;
import io.sluice.proxy.config.ProxyConfig.Pool;
import io.sluice.proxy.config.ProxyConfig.TransportPreference;
import io.sluice.proxy.metrics.MetricBoard;
import io.sluice.proxy.protocol.ErrorKind;
import io.sluice.proxy.session.ClientSessions;
import io.sluice.proxy.tls.CertificateWatch;
import io.sluice.proxy.tls.TlsEngine;
import io.sluice.proxy.transport.DirectMemory;
import io.sluice.proxy.transport.Loops;
import io.sluice.proxy.transport.Transport;
import io.sluice.proxy.transport.TransportChoice;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running proxy: builds everything, starts and stops it in order. May be used from any thread. */
public final class Proxy implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Proxy.class);
    private static final int LOOP_SHUTDOWN_SECONDS = 5;
    private static final long DRAIN_POLL_NANOS = Duration.ofMillis(5).toNanos();

    private final TransportChoice choice;
    private final Loops loops;
    private final ClientSessions.Census census;
    private final ProcessBudget budget;
    private final CertificateWatch certificates = new CertificateWatch();
    private final List<Worker> workers;
    private final MetricBoard board;
    private final LivePools pools;
    private volatile ProxyConfig config;
    private volatile ServingPhase phase = ServingPhase.STARTING;
    private @Nullable Monitor monitor;
    private long epoch = 1; // number of the configuration
    private boolean stopped;

    private Proxy(ProxyConfig config, TransportChoice choice) {
        this.config = config;
        this.choice = choice;
        this.loops = new Loops(choice.transport(), workerCount(config));
        this.census = new ClientSessions.Census(config.limits().maxClients());
        this.budget = new ProcessBudget(processBytes(config), DirectMemory::isScarce);
        this.workers = IntStream.range(0, loops.count())
                .mapToObj(loop -> new Worker(loops.get(loop), census, budget))
                .toList();
        this.board = board(loops.count());
        this.pools = new LivePools(loops, workers, board, certificates);
    }

    /** Starts a proxy; when this returns, it accepts clients. */
    public static Proxy start(ProxyConfig config) throws ProxyStartException {
        for (Pool pool : config.pools()) {
            Listeners.check(pool); // before there are threads to end
        }
        Proxy proxy = new Proxy(config, choose(config.transport()));
        try {
            proxy.build();
            return proxy;
        } catch (ProxyStartException | RuntimeException e) {
            proxy.close();
            throw e;
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
        pools.become(config, epoch);
        phase = ServingPhase.READY;
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
                board,
                budget,
                pools::views,
                new WorkerPulse(executors, System::nanoTime),
                () -> phase,
                choice.name(),
                version(),
                Instant.now(),
                certificates::watched);
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

    /** Clients connected now. */
    public int clients() {
        return census.clients();
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
        pools.closeListeners();
        workers.forEach(Worker::drain);
        long deadline = System.nanoTime() + config.shutdownTimeout().toNanos();
        while (census.clients() > 0 && System.nanoTime() - deadline < 0) {
            LockSupport.parkNanos(DRAIN_POLL_NANOS);
        }
        if (census.clients() > 0) {
            log.warn("Clients closed before their replies came: clients={}", census.clients());
        }
        close();
        log.info("Stopped");
    }

    /** Closes everything at once. */
    @Override
    public synchronized void close() {
        if (!stopped) {
            stopped = true;
            pools.closeListeners();
            workers.forEach(Worker::close);
            certificates.close();
            loops.shutdown(LOOP_SHUTDOWN_SECONDS);
            if (monitor != null) {
                monitor.close();
            }
        }
    }
}
