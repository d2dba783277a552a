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
import io.sluice.proxy.transport.ListeningSocket;
import io.sluice.proxy.transport.Loops;
import io.sluice.proxy.transport.Transport;
import io.sluice.proxy.transport.TransportChoice;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
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

    private final ProxyConfig config;
    private final TransportChoice choice;
    private final Loops loops;
    private final ClientSessions.Census census;
    private final ProcessBudget budget;
    private final List<Worker> workers = new ArrayList<>();
    private final List<ListeningSocket> listeners = new ArrayList<>();
    private final CertificateWatch certificates = new CertificateWatch();
    private volatile ServingPhase phase = ServingPhase.STARTING;
    private @Nullable Monitor monitor;
    private boolean stopped;

    private Proxy(ProxyConfig config, TransportChoice choice) {
        this.config = config;
        this.choice = choice;
        this.loops = new Loops(choice.transport(), workerCount(config));
        this.census = new ClientSessions.Census(config.limits().maxClients());
        this.budget = new ProcessBudget(processBytes(config), DirectMemory::isScarce);
    }

    /** Starts a proxy; when this returns, it accepts clients. */
    public static Proxy start(ProxyConfig config) throws ProxyStartException {
        List<SocketAddress> addresses = checkAddresses(config);
        Proxy proxy = new Proxy(config, choose(config.transport()));
        try {
            proxy.build(addresses);
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

    private static List<SocketAddress> checkAddresses(ProxyConfig config) throws ProxyStartException {
        List<SocketAddress> addresses = new ArrayList<>();
        for (Pool pool : config.pools()) {
            if (pool.listen().address().isUnixSocket()) {
                ListenAddresses.removeStale(pool);
                addresses.add(UnixDomainSocketAddress.of(pool.listen().address().hostOrPath()));
            } else {
                SocketAddress address = ListenAddresses.resolve(pool);
                ListenAddresses.checkFree(pool, address);
                addresses.add(address);
            }
        }
        return addresses;
    }

    private void build(List<SocketAddress> addresses) throws ProxyStartException {
        log.info("Transport: {}; workers={}", choice.describe(), loops.count());
        TlsEngine tls = TlsEngine.choose();
        if (config.pools().stream().anyMatch(pool -> pool.edge().speaksTls())) {
            log.info("TLS: {}; protocols={}", tls.describe(), TlsEngine.PROTOCOLS);
        }
        List<ServedPool> pools = new ArrayList<>();
        for (Pool pool : config.pools()) {
            pools.add(ServedPool.of(
                    pool,
                    config.limits(),
                    PoolCertificates.read(pool, tls, certificates),
                    (delay, task) -> loops.get(0).schedule(task, delay)));
        }
        MetricBoard board = board(pools);
        for (int i = 0; i < loops.count(); i++) {
            int loop = i;
            workers.add(new Worker(
                    loops.get(loop), pools, config.limits(), census, budget, pool -> board.counters(loop, pool)));
        }
        monitor = Monitor.start(config.monitoring(), view(pools, board));
        workers.forEach(Worker::start);
        for (int i = 0; i < pools.size(); i++) {
            listen(i, pools.get(i), addresses.get(i));
        }
        phase = ServingPhase.READY;
    }

    private MetricBoard board(List<ServedPool> pools) {
        return new MetricBoard(
                pools.stream().map(ServedPool::names).toList(),
                Arrays.stream(ErrorKind.values()).map(Enum::name).toList(),
                loops.count());
    }

    private ProxyView view(List<ServedPool> pools, MetricBoard board) {
        List<Executor> executors = IntStream.range(0, loops.count())
                .mapToObj(loops::get)
                .<Executor>map(loop -> loop::execute)
                .toList();
        return new ProxyView(
                config,
                board,
                budget,
                pools.stream().map(ServedPool::health).toList(),
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

    private void listen(int index, ServedPool served, SocketAddress address) throws ProxyStartException {
        Pool pool = served.config();
        if (!pool.edge().isTlsOnly(pool.listen())) {
            listenInClear(index, pool, address);
        }
        if (pool.edge().tlsListen() != null) {
            SocketAddress tlsAddress = ListenAddresses.resolve(pool, pool.edge().tlsListen());
            ListenAddresses.checkFree(pool, tlsAddress);
            listeners.addAll(TlsListeners.open(index, served, tlsAddress, loops, workers));
            log.info(
                    "Listening: pool={} protocol={} tls_address={}",
                    pool.name(),
                    pool.protocol().word(),
                    pool.edge().tlsListen());
        }
    }

    private void listenInClear(int index, Pool pool, SocketAddress address) throws ProxyStartException {
        Loops.ListenOptions options = new Loops.ListenOptions(pool.backlog(), pool.tcpKeepalive());
        Loops.Acceptor acceptor = (loop, out) -> workers.get(loop).accept(index, out);
        try {
            if (pool.listen().address().isUnixSocket()) {
                listeners.add(loops.listenUnix(pool.listen().address().hostOrPath(), options, acceptor));
                ListenAddresses.setMode(pool.listen());
            } else {
                ListenAddresses.checkFree(pool, address); // again: another proxy may have started meanwhile
                for (int loop = 0; loop < loops.count(); loop++) {
                    listeners.add(loops.listenTcp(loop, address, options, acceptor));
                }
            }
        } catch (ProxyStartException e) {
            throw e;
        } catch (Exception e) { // Netty throws checked exceptions unannounced
            throw new ProxyStartException(
                    "pool " + pool.name() + ": cannot listen on "
                            + pool.listen().address() + ": " + e.getMessage(),
                    e);
        }
        log.info(
                "Listening: pool={} protocol={} address={} servers={}",
                pool.name(),
                pool.protocol().word(),
                pool.listen().address(),
                pool.definition().servers().size());
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
        closeListeners();
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

    private void closeListeners() {
        listeners.forEach(ListeningSocket::close);
        listeners.clear();
        for (Pool pool : config.pools()) {
            if (pool.listen().address().isUnixSocket()) {
                deleteQuietly(Path.of(pool.listen().address().hostOrPath()));
            }
        }
    }

    private static void deleteQuietly(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            log.debug("Left behind: path={}", path, e);
        }
    }

    /** Closes everything at once. */
    @Override
    public synchronized void close() {
        if (!stopped) {
            stopped = true;
            closeListeners();
            workers.forEach(Worker::close);
            certificates.close();
            loops.shutdown(LOOP_SHUTDOWN_SECONDS);
            if (monitor != null) {
                monitor.close();
            }
        }
    }
}
