package io.sluice.proxy;

import io.sluice.proxy.access.AccessHolder;
import io.sluice.proxy.admin.PoolView;
import io.sluice.proxy.backend.ConnectPacer;
import io.sluice.proxy.backend.PoolServer;
import io.sluice.proxy.config.ProxyConfig;
import io.sluice.proxy.config.ProxyConfig.Pool;
import io.sluice.proxy.health.HealthBoard;
import io.sluice.proxy.metrics.MetricBoard;
import io.sluice.proxy.metrics.MetricBoard.PoolTotals;
import io.sluice.proxy.session.Departure;
import io.sluice.proxy.tls.CertificateWatch;
import io.sluice.proxy.topology.EffectiveConfig;
import io.sluice.proxy.topology.Uptake;
import io.sluice.proxy.transport.ListeningSocket;
import io.sluice.proxy.transport.Loops;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pools of a running proxy, and how they follow its configuration. A change reaches each event loop as one task, so
 * that no request of its clients sees half of it.
 *
 * <pre>
 *   check what is new ─▶ open what is to be opened ─▶ each event loop: all pools at once ─▶ close what is not wanted
 *        └── a failure up to here changes nothing ──┘
 * </pre>
 *
 * One change at a time; views from any thread.
 */
final class LivePools {

    private static final Logger log = LoggerFactory.getLogger(LivePools.class);

    /** How long a change waits for the event loops; one that is stuck makes it later. */
    private static final Duration LOOP_LIMIT = Duration.ofSeconds(5);

    /** How long a server without connections is still shown and counted, so that a scraper sees its end. */
    private static final Duration SHOWN_AFTER_DRAIN = Duration.ofMinutes(1);

    /** How late it may be noticed that a removed pool's clients are gone. */
    private static final Duration PERIOD = Duration.ofMillis(20);

    /** What the configuration says of a pool, and the pool. */
    private record Placed(Pool pool, LivePool live, PoolCertificates certificates) {}

    private final Loops loops;
    private final List<Worker> workers;
    private final MetricBoard board;
    private final Listeners listeners;
    private final HealthBoard.Timer timer;
    private final HealthWatch watch;
    private final List<LivePool> ending = new CopyOnWriteArrayList<>();
    private final Map<ListenPlace, PoolListener> open = new LinkedHashMap<>(); // by one thread at a time
    private final CertificateWatch certificateWatch;
    private volatile Map<String, LivePool> pools = Map.of();
    private int takenIn; // clients of another process

    LivePools(Loops loops, List<Worker> workers, MetricBoard board, ConnectPacer pacer, CertificateWatch certificates) {
        this.loops = loops;
        this.certificateWatch = certificates;
        this.workers = List.copyOf(workers);
        this.board = board;
        this.listeners = new Listeners(loops);
        this.timer = (delay, task) -> loops.get(0).schedule(task, delay);
        this.watch = new HealthWatch(loops.get(0), pacer);
    }

    /**
     * Makes the pools what the configuration says; when it throws, nothing has changed. Blocks until the event loops
     * follow, unless one is stuck.
     *
     * @return when all event loops follow, and when none awaits anything that a handoff must wait for
     */
    Uptake become(EffectiveConfig effective, long epoch) throws ProxyStartException {
        ProxyConfig config = effective.config();
        Map<String, PoolCertificates> certificates = certificates(config);
        List<Placed> next = new ArrayList<>();
        List<LivePool> added = new ArrayList<>();
        for (Pool pool : config.pools()) {
            LivePool live = pools.get(pool.name());
            PoolCertificates ofPool = Objects.requireNonNull(certificates.get(pool.name()));
            if (live == null) {
                live = newPool(ServedPool.of(
                        epoch,
                        pool,
                        config,
                        ofPool,
                        watch,
                        effective.slots().get(pool.name()),
                        effective.rings().get(pool.name())));
                added.add(live);
            }
            next.add(new Placed(pool, live, ofPool));
        }
        watch.pacer().allow(config.limits().serverConnectsPerSecond());
        List<CompletableFuture<Void>> followed =
                new ArrayList<>(added.stream().flatMap(this::uses).toList());
        await(followed);
        Map<ListenPlace, PoolListener> opened = openListeners(next, added);
        List<CompletableFuture<Void>> settled = new ArrayList<>();
        followed.addAll(change(effective, epoch, next, settled));
        settled.addAll(followed);
        next.forEach(placed -> explain(placed.live(), effective));
        open.putAll(opened);
        next.forEach(this::serve);
        Map<String, LivePool> before = pools;
        pools = next.stream()
                .map(Placed::live)
                .collect(Collectors.toMap(LivePool::name, pool -> pool, (one, other) -> one, LinkedHashMap::new));
        closeUnwanted(config);
        before.values().stream()
                .filter(pool -> !pools.containsKey(pool.name()))
                .forEach(pool -> end(pool, config.lifecycle().drainTimeout()));
        return new Uptake(all(followed), all(settled));
    }

    private static CompletableFuture<Void> all(List<CompletableFuture<Void>> each) {
        return CompletableFuture.allOf(each.toArray(CompletableFuture[]::new));
    }

    /** Clients of a pool that has no servers are told why. */
    private static void explain(LivePool pool, EffectiveConfig effective) {
        String reason = effective.withoutServers().get(pool.name());
        if (reason != null) {
            pool.version().routing().explainNobody(reason);
        }
    }

    /** Of all pools, by name, before any of them is changed: a file may have become bad since it was checked. */
    private Map<String, PoolCertificates> certificates(ProxyConfig config) throws ProxyStartException {
        Map<String, PoolCertificates> certificates = new LinkedHashMap<>();
        for (Pool pool : config.pools()) {
            LivePool live = pools.get(pool.name());
            certificates.put(
                    pool.name(),
                    live == null
                            ? PoolCertificates.read(pool)
                            : live.version().certificates().next(pool));
        }
        return certificates;
    }

    private LivePool newPool(ServedPool version) {
        PoolTotals totals = board.open(version.config().name());
        List<PoolShare> shares = new ArrayList<>();
        for (int loop = 0; loop < workers.size(); loop++) {
            shares.add(workers.get(loop).newShare(version, totals.counters(loop)));
        }
        LivePool pool = new LivePool(version, totals, shares);
        pool.become(version);
        return pool;
    }

    // ---- listeners

    private void serve(Placed placed) {
        for (ListenPlace place : ListenPlace.of(placed.pool())) {
            Objects.requireNonNull(open.get(place)).serve(placed.live(), place.listener(placed.pool()));
        }
    }

    /** Opens addresses at which nobody was accepted before. A pool that has another's address gets its sockets later. */
    private Map<ListenPlace, PoolListener> openListeners(List<Placed> next, List<LivePool> added)
            throws ProxyStartException {
        Map<ListenPlace, PoolListener> opened = new LinkedHashMap<>();
        try {
            for (Placed placed : next) {
                for (ListenPlace place : ListenPlace.of(placed.pool())) {
                    if (!open.containsKey(place)) {
                        opened.put(place, listeners.open(place, placed.pool(), placed.live()));
                    }
                }
            }
            return opened;
        } catch (ProxyStartException e) {
            opened.values().forEach(PoolListener::close);
            added.forEach(this::closeNow);
            throw e;
        }
    }

    private void closeUnwanted(ProxyConfig config) {
        Set<ListenPlace> wanted = config.pools().stream()
                .flatMap(pool -> ListenPlace.of(pool).stream())
                .collect(Collectors.toSet());
        open.entrySet().removeIf(entry -> {
            boolean unwanted = !wanted.contains(entry.getKey());
            if (unwanted) {
                log.info("Not listening any more: address={}", entry.getKey().address());
                entry.getValue().close();
            }
            return unwanted;
        });
    }

    // ---- versions

    /**
     * Brings the event loops to the new versions of pools that they have already.
     *
     * @param settled gets when they are done with what came before
     * @return when they follow
     */
    private List<CompletableFuture<Void>> change(
            EffectiveConfig effective, long epoch, List<Placed> next, List<CompletableFuture<Void>> settled) {
        List<List<Runnable>> tasks = new ArrayList<>();
        workers.forEach(worker -> tasks.add(new ArrayList<>()));
        for (Placed placed : next) {
            LivePool live = placed.live();
            ServedPool before = live.version();
            ServedPool after = before.next(
                    epoch,
                    placed.pool(),
                    effective.config(),
                    placed.certificates(),
                    watch,
                    effective.slots().get(placed.pool().name()),
                    effective.rings().get(placed.pool().name()));
            placed.certificates().watchBy(certificateWatch);
            if (!after.equals(before)) {
                before.without(after).forEach(server -> leave(live, server));
                live.become(after);
                before.certificates().forgetUnlessIn(after.certificates(), certificateWatch);
                for (int loop = 0; loop < workers.size(); loop++) {
                    PoolShare share = live.share(loop);
                    CompletableFuture<Void> settles = new CompletableFuture<>();
                    settled.add(settles);
                    tasks.get(loop).add(() -> share.use(after).thenAccept(settles::complete));
                }
            }
        }
        List<CompletableFuture<Void>> done = new ArrayList<>();
        for (int loop = 0; loop < workers.size(); loop++) {
            if (!tasks.get(loop).isEmpty()) {
                done.add(workers.get(loop).run(tasks.get(loop)));
            }
        }
        await(done);
        return done;
    }

    private Stream<CompletableFuture<Void>> uses(LivePool pool) {
        ServedPool version = pool.version();
        List<CompletableFuture<Void>> done = new ArrayList<>();
        for (int loop = 0; loop < workers.size(); loop++) {
            PoolShare share = pool.share(loop);
            done.add(workers.get(loop).run(List.of(() -> share.use(version))));
        }
        return done.stream();
    }

    private static void await(List<CompletableFuture<Void>> done) {
        try {
            all(done).get(LOOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            log.warn("An event loop is stuck, and will follow the configuration later");
        } catch (ExecutionException e) {
            throw new IllegalStateException("An event loop could not follow the configuration", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    // ---- what leaves

    private void leave(LivePool pool, PoolServer server) {
        log.info("Server draining: pool={} server={} address={}", pool.name(), server.name(), server.address());
        pool.addLeaving(server);
        server.leave(Instant.now(), workers.size(), () -> {
            log.info("Server drained: pool={} server={} address={}", pool.name(), server.name(), server.address());
            timer.after(SHOWN_AFTER_DRAIN, () -> pool.forget(server));
        });
    }

    private void end(LivePool pool, Duration timeout) {
        log.info("Pool draining: pool={} clients={}", pool.name(), pool.totals().clients());
        pool.end();
        ending.add(pool);
        List<PoolServer> servers = pool.version().servers();
        servers.forEach(server -> leave(pool, server));
        for (int loop = 0; loop < workers.size(); loop++) {
            PoolShare share = pool.share(loop);
            workers.get(loop).run(List.of(share::drain));
        }
        endWhenEmpty(pool, System.nanoTime() + timeout.toNanos());
    }

    private void endWhenEmpty(LivePool pool, long deadline) {
        boolean late = System.nanoTime() - deadline >= 0;
        if (pool.totals().clients() > 0 && !late) {
            timer.after(PERIOD, () -> endWhenEmpty(pool, deadline));
            return;
        }
        if (late) {
            log.warn(
                    "Clients of a removed pool closed before their replies came: pool={} clients={}",
                    pool.name(),
                    pool.totals().clients());
        }
        closeNow(pool);
        pool.version().certificates().forgetBy(certificateWatch);
        ending.remove(pool);
        log.info("Pool removed: pool={}", pool.name());
    }

    private void closeNow(LivePool pool) {
        pool.version().health().close();
        for (int loop = 0; loop < workers.size(); loop++) {
            workers.get(loop).end(pool.share(loop));
        }
        if (!pools.containsKey(pool.name())) {
            board.close(pool.name());
        }
    }

    // ---- another process

    /** Listens on with sockets of another process, where a pool is to listen at their addresses. Before the first change. */
    void inherit(Map<String, List<Integer>> descriptors) {
        listeners.inherit(descriptors);
    }

    /** Closes those of them that no pool has. */
    void closeUnwantedInheritance() {
        listeners.closeUnwanted();
    }

    /** The process that has left them to us does not listen any more. */
    void ownListeners() {
        open.values().forEach(PoolListener::own);
    }

    /** The descriptors of the listening sockets, by address; those for TLS cannot be handed over. */
    Map<String, List<Integer>> descriptors() {
        Map<String, List<Integer>> descriptors = new LinkedHashMap<>();
        open.forEach((place, listener) -> {
            if (!place.tls()) {
                descriptors.put(
                        place.address().toString(),
                        listener.sockets().stream()
                                .map(ListeningSocket::descriptor)
                                .toList());
            }
        });
        return descriptors;
    }

    /** Another process goes on accepting clients. */
    void releaseListeners() {
        open.values().forEach(PoolListener::release);
        open.clear();
    }

    /** Gives the clients to another process; returns when every event loop has been asked. */
    void handOver(Function<String, Departure> departureOfPool) {
        List<CompletableFuture<Void>> done = new ArrayList<>();
        for (LivePool pool : pools.values()) {
            Departure departure = departureOfPool.apply(pool.name());
            for (int loop = 0; loop < workers.size(); loop++) {
                PoolShare share = pool.share(loop);
                done.add(workers.get(loop).run(List.of(() -> share.handOver(departure))));
            }
        }
        await(done);
    }

    /** Goes on with a client of another process, on one of the event loops; closes it if there is no such pool. */
    void takeIn(String poolName, long client, String carried, int descriptor, byte[] unread) {
        LivePool pool = pools.get(poolName);
        if (pool == null) {
            log.warn("Client closed, its pool is not served any more: pool={}", poolName);
            Loops.closeInherited(descriptor);
            return;
        }
        int loop = Math.floorMod(takenIn++, workers.size());
        workers.get(loop).execute(() -> {
            try {
                loops.adoptInherited(
                        loop,
                        descriptor,
                        unread,
                        (there, out) -> pool.share(there).accept(out, client, carried));
            } catch (RuntimeException e) {
                log.error("Client closed, it could not be taken over: pool={}", poolName, e);
                Loops.closeInherited(descriptor);
            }
        });
    }

    // ---- the whole

    /** Judges and probes no server any more. */
    void stopProbing() {
        Stream.concat(pools.values().stream(), ending.stream())
                .forEach(pool -> pool.version().health().close());
    }

    /** Stops accepting clients. */
    void closeListeners() {
        open.values().forEach(PoolListener::close);
        open.clear();
    }

    /** Who may do what in a pool; empty if there is no such pool. */
    Optional<AccessHolder> access(String pool) {
        return Optional.ofNullable(pools.get(pool)).map(live -> live.version().access());
    }

    /** As they are now: those of the configuration, then those that end. */
    List<PoolView> views() {
        return Stream.concat(pools.values().stream(), ending.stream())
                .map(LivePool::view)
                .toList();
    }
}
