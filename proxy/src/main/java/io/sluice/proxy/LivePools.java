package io.sluice.proxy;

import io.sluice.proxy.access.AccessHolder;
import io.sluice.proxy.admin.PoolView;
import io.sluice.proxy.config.ProxyConfig;
import io.sluice.proxy.config.ProxyConfig.Pool;
import io.sluice.proxy.metrics.MetricBoard.PoolTotals;
import io.sluice.proxy.session.Departure;
import io.sluice.proxy.tls.CertificateWatch;
import io.sluice.proxy.topology.EffectiveConfig;
import io.sluice.proxy.topology.Uptake;
import io.sluice.proxy.transport.Loops;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
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

    private final Workers workers;
    private final OpenListeners listeners;
    private final HealthWatch watch;
    private final CertificateWatch certificateWatch;
    private final LeavingPools leaving;
    private volatile Map<String, LivePool> pools = Map.of();
    private int takenIn; // clients of another process

    LivePools(Workers workers, OpenListeners listeners, CertificateWatch certificates) {
        this.workers = workers;
        this.certificateWatch = certificates;
        this.listeners = listeners;
        this.watch = new HealthWatch(workers.loops().get(0), workers.pacer());
        this.leaving = new LeavingPools(workers, certificates, name -> pools.containsKey(name));
    }

    /**
     * Makes the pools what the configuration says; when it throws, nothing has changed. Blocks until the event loops
     * follow, unless one is stuck.
     *
     * @return when all event loops follow, and when none awaits anything that a handoff must wait for
     */
    Uptake become(EffectiveConfig effective, long epoch) throws ProxyStartException {
        ProxyConfig config = effective.config();
        List<LivePool> added = new ArrayList<>();
        List<PlacedPool> next = place(effective, epoch, added);
        watch.pacer().allow(config.limits().serverConnectsPerSecond());
        List<CompletableFuture<Void>> followed =
                new ArrayList<>(added.stream().flatMap(this::uses).toList());
        await(followed);
        Map<ListenPlace, PoolListener> opened = openListeners(next, added);
        List<CompletableFuture<Void>> settled = new ArrayList<>();
        followed.addAll(change(effective, epoch, next, settled));
        settled.addAll(followed);
        next.forEach(placed -> explain(placed.live(), effective));
        listeners.serve(next, opened);
        Map<String, LivePool> before = pools;
        pools = next.stream()
                .map(PlacedPool::live)
                .collect(Collectors.toMap(LivePool::name, pool -> pool, (one, other) -> one, LinkedHashMap::new));
        listeners.closeUnwanted(config);
        before.values().stream()
                .filter(pool -> !pools.containsKey(pool.name()))
                .forEach(pool -> leaving.end(pool, config.lifecycle().drainTimeout()));
        return new Uptake(all(followed), all(settled));
    }

    /**
     * Finds the pools of the configuration, or makes them.
     *
     * @param added gets those that were not there before
     */
    private List<PlacedPool> place(EffectiveConfig effective, long epoch, List<LivePool> added)
            throws ProxyStartException {
        ProxyConfig config = effective.config();
        Map<String, PoolCertificates> certificates = certificates(config);
        List<PlacedPool> placed = new ArrayList<>();
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
            placed.add(new PlacedPool(pool, live, ofPool));
        }
        return placed;
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
        PoolTotals totals = workers.board().open(version.config().name());
        List<PoolShare> shares = new ArrayList<>();
        for (int loop = 0; loop < workers.count(); loop++) {
            shares.add(workers.get(loop).newShare(version, totals.counters(loop)));
        }
        LivePool pool = new LivePool(version, totals, shares);
        pool.become(version);
        return pool;
    }

    private Map<ListenPlace, PoolListener> openListeners(List<PlacedPool> next, List<LivePool> added)
            throws ProxyStartException {
        try {
            return listeners.openNew(next);
        } catch (ProxyStartException e) {
            added.forEach(leaving::closeNow);
            throw e;
        }
    }

    // ---- versions

    /**
     * Brings the event loops to the new versions of pools that they have already.
     *
     * @param settled gets when they are done with what came before
     * @return when they follow
     */
    private List<CompletableFuture<Void>> change(
            EffectiveConfig effective, long epoch, List<PlacedPool> next, List<CompletableFuture<Void>> settled) {
        List<List<Runnable>> tasks = new ArrayList<>();
        for (int loop = 0; loop < workers.count(); loop++) {
            tasks.add(new ArrayList<>());
        }
        for (PlacedPool placed : next) {
            ServedPool before = placed.live().version();
            ServedPool after = nextVersion(placed, effective, epoch);
            placed.certificates().watchBy(certificateWatch);
            if (!after.equals(before)) {
                replace(placed.live(), before, after);
                for (int loop = 0; loop < workers.count(); loop++) {
                    PoolShare share = placed.live().share(loop);
                    CompletableFuture<Void> settles = new CompletableFuture<>();
                    settled.add(settles);
                    tasks.get(loop).add(() -> share.use(after).thenAccept(settles::complete));
                }
            }
        }
        List<CompletableFuture<Void>> done = new ArrayList<>();
        for (int loop = 0; loop < workers.count(); loop++) {
            if (!tasks.get(loop).isEmpty()) {
                done.add(workers.get(loop).run(tasks.get(loop)));
            }
        }
        await(done);
        return done;
    }

    private ServedPool nextVersion(PlacedPool placed, EffectiveConfig effective, long epoch) {
        return placed.live()
                .version()
                .next(
                        epoch,
                        placed.pool(),
                        effective.config(),
                        placed.certificates(),
                        watch,
                        effective.slots().get(placed.pool().name()),
                        effective.rings().get(placed.pool().name()));
    }

    private void replace(LivePool live, ServedPool before, ServedPool after) {
        before.without(after).forEach(server -> leaving.leave(live, server));
        live.become(after);
        before.certificates().forgetUnlessIn(after.certificates(), certificateWatch);
    }

    private Stream<CompletableFuture<Void>> uses(LivePool pool) {
        ServedPool version = pool.version();
        return workers.run(loop -> () -> pool.share(loop).use(version)).stream();
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

    // ---- another process

    /** Gives the clients to another process; returns when every event loop has been asked. */
    void handOver(Function<String, Departure> departureOfPool) {
        List<CompletableFuture<Void>> done = new ArrayList<>();
        for (LivePool pool : pools.values()) {
            Departure departure = departureOfPool.apply(pool.name());
            done.addAll(workers.run(loop -> () -> pool.share(loop).handOver(departure)));
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
        int loop = Math.floorMod(takenIn++, workers.count());
        workers.get(loop).execute(() -> {
            try {
                workers.loops()
                        .adoptInherited(
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
        Stream.concat(pools.values().stream(), leaving.pools())
                .forEach(pool -> pool.version().health().close());
    }

    /** Who may do what in a pool; empty if there is no such pool. */
    Optional<AccessHolder> access(String pool) {
        return Optional.ofNullable(pools.get(pool)).map(live -> live.version().access());
    }

    /** As they are now: those of the configuration, then those that end. */
    List<PoolView> views() {
        return Stream.concat(pools.values().stream(), leaving.pools())
                .map(LivePool::view)
                .toList();
    }
}
