package io.sluice.manager.store;

import io.sluice.manager.store.StoreException.Reason;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.curator.framework.recipes.cache.ChildData;
import org.apache.curator.framework.recipes.cache.CuratorCache;
import org.apache.curator.framework.recipes.cache.CuratorCacheListener;
import org.apache.curator.framework.recipes.leader.LeaderLatch;
import org.apache.curator.framework.recipes.leader.LeaderLatchListener;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.Stat;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One manager among those that would lead.
 *
 * <pre>
 *   waiting ── the latch is ours ──▶ raises the term ── written ──▶ leading
 *      ▲                                                              │
 *      └──── the latch is lost, or a write finds another term ────────┘
 * </pre>
 *
 * The latch only hints at who should lead: two may hold it for a while. Who leads is who raised the term last, because
 * every write is made only if the term is still the writer's.
 */
final class Candidacy implements Leadership, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Candidacy.class);

    /** Between two attempts to raise the term. */
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);

    /** A term that was raised by this manager, and the version that its node got. */
    record HeldTerm(Term term, String path, int version) {

        /** The first part of every write: it fails if somebody has raised the term since. */
        Op check() {
            return Op.check(path, version);
        }

        /** Whether a write failed because of its first part. */
        static boolean isRefusedBy(KeeperException e) {
            List<OpResult> results = e.getResults();
            return results != null
                    && !results.isEmpty()
                    && results.get(0) instanceof OpResult.ErrorResult first
                    && isOwnFailure(KeeperException.Code.get(first.getErr()));
        }

        /** The others of a failed transaction get codes that say only that it failed. */
        private static boolean isOwnFailure(KeeperException.Code code) {
            return code == KeeperException.Code.BADVERSION || code == KeeperException.Code.NONODE;
        }
    }

    private final Ensemble ensemble;
    private final String name;
    private final String url;
    private final LeaderLatchListener listener;
    private final ExecutorService steps = Executors.newSingleThreadExecutor(task -> new Thread(task, "leadership"));
    private final CuratorCache terms;

    private volatile Runnable onBegin = () -> {};
    private volatile Runnable onEnd = () -> {};
    private volatile @Nullable HeldTerm held;
    private volatile Term seen = Term.NONE;
    private volatile boolean closed;
    private @Nullable LeaderLatch latch; // by steps only

    /**
     * @param name of this manager, for people
     * @param url of its API, for those who ask another one
     */
    Candidacy(Ensemble ensemble, String name, String url) {
        this.ensemble = ensemble;
        this.name = name;
        this.url = url;
        this.terms =
                CuratorCache.build(ensemble.curator(), ensemble.paths().term(), CuratorCache.Options.SINGLE_NODE_CACHE);
        this.listener = new LeaderLatchListener() {
            @Override
            public void isLeader() {
                raise();
            }

            @Override
            public void notLeader() {
                resign("the latch is lost");
            }
        };
    }

    /** Stands for election. Both are run by one thread, in turns: after this manager began to lead, and after it ended. */
    void start(Runnable begin, Runnable end) {
        onBegin = begin;
        onEnd = end;
        terms.listenable()
                .addListener(CuratorCacheListener.builder()
                        .forCreatesAndChanges((before, now) -> see(now))
                        .build());
        terms.start();
        steps.execute(this::queueUp);
    }

    // ---- what others ask

    @Override
    public boolean leads() {
        return held != null;
    }

    @Override
    public Optional<String> leaderUrl() {
        HeldTerm mine = held;
        return Optional.of(mine == null ? seen.url() : mine.term().url()).filter(known -> !known.isEmpty());
    }

    @Override
    public long term() {
        HeldTerm mine = held;
        return mine == null ? 0 : mine.term().number();
    }

    /** What every write must carry. */
    Optional<HeldTerm> held() {
        return Optional.ofNullable(held);
    }

    /** A write has found another term than this one: whatever this manager believes, it does not lead. */
    void depose(HeldTerm refused) {
        if (!closed && refused.equals(held)) {
            steps.execute(() -> {
                if (refused.equals(held)) {
                    resign("another manager has raised the term");
                    queueUp();
                }
            });
        }
    }

    // ---- by the thread of steps

    /** Behind all others, if it stood there already. */
    private void queueUp() {
        closeLatch();
        LeaderLatch next = new LeaderLatch(ensemble.curator(), ensemble.paths().latch(), name);
        next.addListener(listener, steps);
        latch = next;
        try {
            next.start();
        } catch (Exception e) {
            throw new IllegalStateException("The latch does not start", e);
        }
    }

    private void raise() {
        while (!closed && latch != null && latch.hasLeadership() && held == null) {
            try {
                HeldTerm won = ensemble.call(this::raiseOn);
                held = won;
                log.info(
                        "Leading: manager={} term={} epoch={} api={}",
                        name,
                        won.term().number(),
                        won.term().found(),
                        url);
                onBegin.run();
            } catch (StoreException e) {
                log.warn("Cannot lead yet: manager={} reason={}: {}", name, e.reason(), e.getMessage());
                LockSupport.parkNanos(PAUSE.toNanos());
            }
        }
    }

    /** Whoever led before cannot write once the first write here is done; so what is found then stays. */
    private HeldTerm raiseOn(ZooKeeper zooKeeper) throws KeeperException, InterruptedException, StoreException {
        Stat stat = new Stat();
        Term mine = stored(zooKeeper, stat).next(name, url);
        int version = write(zooKeeper, mine, stat.getVersion());
        Term looked = mine.withFound(epoch(zooKeeper));
        return new HeldTerm(looked, path(), write(zooKeeper, looked, version));
    }

    private int write(ZooKeeper zooKeeper, Term term, int version)
            throws KeeperException, InterruptedException, StoreException {
        try {
            return zooKeeper.setData(path(), term.bytes(), version).getVersion();
        } catch (KeeperException.BadVersionException e) {
            throw new StoreException(Reason.CHANGED_MEANWHILE, "Another manager raises the term as well", e);
        }
    }

    private long epoch(ZooKeeper zooKeeper) throws KeeperException, InterruptedException, StoreException {
        StoredTopology found =
                ZooKeeperTopologyStore.found(zooKeeper, ensemble.paths().topology());
        return found.topology().epoch();
    }

    private void resign(String why) {
        HeldTerm mine = held;
        if (mine != null) {
            log.warn(
                    "Not leading any more: manager={} term={}: {}",
                    name,
                    mine.term().number(),
                    why);
            handOver();
        }
    }

    private void handOver() {
        if (held != null) {
            held = null;
            onEnd.run();
        }
    }

    private void closeLatch() {
        LeaderLatch old = latch;
        if (old == null) {
            return;
        }
        old.removeListener(listener);
        try {
            old.close();
        } catch (IOException | IllegalStateException e) {
            log.debug("The latch does not close", e);
        }
        latch = null;
    }

    // ---- the term's node

    /** The term as it stands there; made if there is none. */
    Term stored(ZooKeeper zooKeeper) throws KeeperException, InterruptedException, StoreException {
        return stored(zooKeeper, new Stat());
    }

    private Term stored(ZooKeeper zooKeeper, Stat stat) throws KeeperException, InterruptedException, StoreException {
        while (true) {
            try {
                return Term.parse(path(), zooKeeper.getData(path(), false, stat));
            } catch (KeeperException.NoNodeException e) {
                make(zooKeeper);
            }
        }
    }

    private void make(ZooKeeper zooKeeper) throws KeeperException, InterruptedException {
        try {
            zooKeeper.create(path(), Term.NONE.bytes(), ensemble.acl(), CreateMode.PERSISTENT);
        } catch (KeeperException.NodeExistsException e) {
            log.debug("Somebody else has made it: path={}", path());
        }
    }

    private void see(ChildData now) {
        try {
            Term term = Term.parse(now.getPath(), now.getData());
            if (term.number() > seen.number() && !term.leader().equals(name)) {
                log.info(
                        "Standing by: manager={} term={} leader={} api={}",
                        name,
                        term.number(),
                        term.leader(),
                        term.url());
            }
            seen = term;
        } catch (StoreException e) {
            log.error("Who leads cannot be understood: {}", e.getMessage());
        }
    }

    private String path() {
        return ensemble.paths().term();
    }

    /** What is begun ends before another manager may lead. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        steps.execute(() -> {
            handOver();
            closeLatch();
        });
        steps.shutdown();
        try {
            if (!steps.awaitTermination(CLOSE_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                log.warn("Leading does not end: manager={}", name);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        terms.close();
    }
}
