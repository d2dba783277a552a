package io.sluice.manager.migration.ring;

import io.sluice.manager.migration.ProxySightings;
import io.sluice.manager.migration.Rounds;
import io.sluice.manager.redis.PoolLogins;
import io.sluice.manager.redis.RedisConnector;
import io.sluice.manager.store.Cluster;
import io.sluice.manager.store.LeaderTask;
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
import org.jspecify.annotations.Nullable;

/** Brings all changes of rings of a cluster forward while this manager leads, on a thread of its own. */
public final class RingChanges implements LeaderTask {

    /** Between two looks while something changes. */
    private static final Duration BUSY_PAUSE = Duration.ofMillis(50);

    private static final Duration IDLE_PAUSE = Duration.ofMillis(500);
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(5);

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

    private RingServers serversOf(RingPool ring, RingChange change) {
        RingOwners owners = RingOwners.of(ring);
        boolean isMemcache = ring.protocol() == PoolProtocol.MEMCACHE;
        return switch (change.kind()) {
            case CACHE ->
                isMemcache
                        ? new MemcacheRingServers(owners, keysPerSecond)
                        : new RefusedRingServers("a cache window is for memcached; abort it");
            case BROKER -> new RedisRingServers(owners, new RedisConnector(logins.of(ring.name()), ANSWER_LIMIT));
        };
    }

    /** What is done while this manager leads, until it does not any more. */
    private final class Look implements Rounds.Duty {

        private final Cluster cluster;
        private final Map<String, RingDrive> drives = new LinkedHashMap<>();
        private final ProxySightings sightings = new ProxySightings();
        private final ExecutorService errands = Executors.newCachedThreadPool(RingChanges::errandThread); // one each
        private final RingTools tools = new RingTools(rules, InstantSource.system(), System::nanoTime, errands);
        private volatile List<RingStatus> statuses = List.of();

        Look(Cluster cluster) {
            this.cluster = cluster;
        }

        @Override
        public Duration round() throws StoreException {
            takeUp(cluster.topologies().read());
            for (Iterator<Map.Entry<String, RingDrive>> each = drives.entrySet().iterator(); each.hasNext(); ) {
                if (!step(each.next().getValue())) {
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
                                                serversOf(ring, change),
                                                tools));
                            }
                        }));
            }
        }

        /** What it needs to know is read anew for each. */
        private boolean step(RingDrive drive) throws StoreException {
            long reading = sightings.begin();
            StoredTopology now = cluster.topologies().read();
            sightings.look(reading, cluster.proxies().proxies(), System.nanoTime());
            return drive.step(now);
        }
    }
}
