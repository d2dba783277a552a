package io.sluice.manager.migration.ring;

import io.sluice.manager.migration.ProxySightings;
import io.sluice.manager.migration.Rounds;
import io.sluice.manager.redis.PoolLogins;
import io.sluice.manager.redis.RedisConnector;
import io.sluice.manager.store.Cluster;
import io.sluice.manager.store.LeaderTask;
import io.sluice.manager.store.Outlook;
import io.sluice.manager.store.StoreException;
import io.sluice.manager.store.StoredTopology;
import io.sluice.routing.cluster.RingChange;
import io.sluice.routing.cluster.RingPool;
import io.sluice.routing.topology.PoolProtocol;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Brings all changes of rings of a cluster forward while this manager leads, on a thread of its own. */
public final class RingChanges implements LeaderTask {

    /** Between two looks while something changes, if there is no news before. */
    private static final Duration BUSY_PAUSE = Duration.ofMillis(250);

    /** While nothing does: that something begins is news. */
    private static final Duration IDLE_PAUSE = Duration.ofSeconds(2);

    /** Between two looks, whatever the news: many heartbeats are one piece of news. */
    private static final Duration LEAST_PAUSE = Duration.ofMillis(50);

    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(5);

    /** No version of a topology. */
    private static final int UNKNOWN = Integer.MIN_VALUE;

    private final RingRules rules;
    private final PoolLogins logins;
    private final int keysPerSecond;
    private volatile @Nullable Look look;
    private @Nullable Rounds rounds; // by the thread of leadership

    /** @param keysPerSecond that are taken off servers at most */
    public RingChanges(RingRules rules, PoolLogins logins, int keysPerSecond) {
        this.rules = rules;
        this.logins = logins;
        this.keysPerSecond = keysPerSecond;
    }

    /** Of all changes, as of the last look; none while another manager leads. From any thread. */
    public List<RingStatus> statuses() {
        Look begun = look;
        return begun == null ? List.of() : begun.statuses;
    }

    @Override
    public String name() {
        return "rings";
    }

    @Override
    public void begin(Cluster cluster) {
        Look begun = new Look(cluster);
        look = begun;
        rounds = Rounds.begin(name(), begun);
    }

    /** Returns when the step under way is done, or after a while: it could write nothing anyway. */
    @Override
    public void end() {
        Rounds begun = rounds;
        rounds = null;
        look = null;
        if (begun != null) {
            begun.end();
        }
    }

    private static Thread errandThread(Runnable task) {
        Thread errand = new Thread(task, "ring-errand");
        errand.setDaemon(true);
        return errand;
    }

    private RingServers serversOf(RingPool ring, RingChange change, ProxySightings sightings) {
        RingOwners owners = RingOwners.of(ring);
        boolean isMemcache = ring.protocol() == PoolProtocol.MEMCACHE;
        return switch (change.kind()) {
            case CACHE ->
                isMemcache
                        ? new MemcacheRingServers(owners, keysPerSecond, rules.probeLimit())
                        : new RefusedRingServers("a cache window is for memcached; abort it");
            case BROKER ->
                new RedisRingServers(
                        owners,
                        new RedisConnector(logins.of(ring.name()), ANSWER_LIMIT),
                        () -> PoolDatabases.of(ring.name(), sightings.proxies()));
        };
    }

    /** What is done while this manager leads, until it does not any more. */
    private final class Look implements Rounds.Duty {

        private final Cluster cluster;
        private final Map<String, RingDrive> drives = new LinkedHashMap<>();
        private final ProxySightings sightings = new ProxySightings();
        private final ExecutorService errands = Executors.newCachedThreadPool(RingChanges::errandThread); // one each
        private final Semaphore news = new Semaphore(0);
        private final Runnable onNews = news::release; // always the same one, see Lookout
        private final RingTools tools = new RingTools(rules, InstantSource.system(), System::nanoTime, this::sendOut);
        private volatile List<RingStatus> statuses = List.of();
        private int known = UNKNOWN; // version of the topology that was agreed upon last

        Look(Cluster cluster) {
            this.cluster = cluster;
        }

        private void sendOut(Runnable errand) {
            errands.execute(() -> {
                errand.run();
                onNews.run();
            });
        }

        @Override
        public void pause(Duration most) throws InterruptedException {
            Thread.sleep(LEAST_PAUSE.toMillis());
            news.tryAcquire(most.minus(LEAST_PAUSE).toNanos(), TimeUnit.NANOSECONDS);
        }

        @Override
        public Duration round() throws StoreException {
            news.drainPermits();
            StoredTopology now = look();
            takeUp(now);
            for (Iterator<Map.Entry<String, RingDrive>> each = drives.entrySet().iterator(); each.hasNext(); ) {
                if (!each.next().getValue().step(now)) {
                    each.remove();
                }
            }
            statuses = drives.values().stream()
                    .flatMap(drive -> drive.status().stream())
                    .toList();
            return drives.isEmpty() ? IDLE_PAUSE : BUSY_PAUSE;
        }

        /** They are taken up anew. */
        @Override
        public void onBug() {
            drives.values().forEach(RingDrive::leave);
            drives.clear();
        }

        @Override
        public void onEnd() {
            drives.values().forEach(RingDrive::leave);
            errands.shutdownNow();
        }

        /** One that goes back has its rings exchanged, and gets a new drive. */
        private void takeUp(StoredTopology now) {
            for (String name : now.topology().pools().keySet()) {
                now.topology()
                        .ringPool(name)
                        .ifPresent(ring -> ring.underway().ifPresent(change -> {
                            String direction = change.id() + (change.back() ? " back" : "");
                            if (!drives.containsKey(direction)) {
                                RingDrive former = drives.remove(change.id());
                                if (former != null) {
                                    former.leave();
                                }
                                drives.put(
                                        direction,
                                        new RingDrive(
                                                name,
                                                change.id(),
                                                cluster.topologies(),
                                                sightings,
                                                serversOf(ring, change, sightings),
                                                tools));
                            }
                        }));
            }
        }

        /**
         * A version that is new here is looked at once more, as the quorum has it: who is behind must not begin what a state
         * of before asks for. Whether it still is the newest need not be known in every round, since writes find that out;
         * and who sees a version sees all proxies and heartbeats from before it.
         */
        private StoredTopology look() throws StoreException {
            StoredTopology found = look(false);
            if (found.version() != known) {
                found = look(true);
                known = found.version();
            }
            return found;
        }

        private StoredTopology look(boolean agreed) throws StoreException {
            boolean awaitsProxies = drives.values().stream().anyMatch(RingDrive::awaitsProxies);
            long reading = sightings.begin();
            Outlook outlook = cluster.lookout().look(agreed, onNews, awaitsProxies ? onNews : null);
            sightings.look(reading, outlook.proxies(), System.nanoTime());
            return outlook.topology();
        }
    }
}
