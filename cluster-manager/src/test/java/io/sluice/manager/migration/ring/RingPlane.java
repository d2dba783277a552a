package io.sluice.manager.migration.ring;

import io.sluice.manager.migration.ProxySightings;
import io.sluice.manager.migration.ring.Holdings.Found;
import io.sluice.manager.store.HistoryEntry;
import io.sluice.manager.store.ProxyState;
import io.sluice.manager.store.StoreException;
import io.sluice.manager.store.StoreException.Reason;
import io.sluice.manager.store.StoredTopology;
import io.sluice.manager.store.TopologyStore;
import io.sluice.routing.cluster.Heartbeat;
import io.sluice.routing.cluster.ProxyRegistration;
import io.sluice.routing.cluster.RingChange;
import io.sluice.routing.cluster.RingPool;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.cluster.TopologyDocument;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A ring on its way, proxies with their heartbeats, servers that say what they are told, and a clock that stands. */
final class RingPlane implements TopologyStore, RingServers, InstantSource {

    static final String POOL = "pages";
    static final String CHANGE = "r-1";

    /** Of each proxy; it says nothing of rings. */
    private static final Duration LEASE_OF_SLOTS = Duration.ofSeconds(20);

    final List<HistoryEntry> history = new ArrayList<>();
    long swept;
    int sweeps;

    @Nullable String failure;

    Holdings holdings = holdings(0, 0, 0);

    @Nullable Silent silent;

    boolean closed;

    private final Map<String, ProxyState> proxies = new TreeMap<>();
    private final ProxySightings sightings = new ProxySightings();
    private StoredTopology stored;
    private long zxid = 1_000;
    private long nanos = 77_000_000_000L;

    private RingPlane(String protocol, String kind) {
        stored = new StoredTopology(
                TopologyDocument.parse("test", """
                format: 1
                epoch: 1
                term: 1
                pools:
                  pages:
                    protocol: %s
                    servers: ["10.0.0.5:1:1 a", "10.0.0.6:1:1 b"]
                    change:
                      {id: r-1, kind: %s, state: PREPARE, since: 1, window_ms: 600000, grace_ms: %d, next: ["10.0.0.5:1:1 a", "10.0.0.6:1:1 b", "10.0.0.7:1:1 c"]}
                """.formatted(protocol, kind, kind.equals("cache") ? 10_000 : 30_000)
                        .getBytes(StandardCharsets.UTF_8)),
                0,
                zxid);
    }

    /** So many queues and other keys on old servers, and keys on new ones. */
    static Holdings holdings(long queues, long others, long early) {
        return new Holdings(
                found(queues, "a list on 10.0.0.5:1"),
                found(others, "a hash on 10.0.0.5:1"),
                found(early, "a list on 10.0.0.7:1"));
    }

    private static Found found(long keys, String example) {
        return keys == 0 ? Found.NOTHING : new Found(keys, example);
    }

    static RingPlane ofCache() {
        return new RingPlane("memcache", "cache");
    }

    static RingPlane ofBroker() {
        return new RingPlane("redis", "broker");
    }

    // ---- time and steps

    void pass(Duration time) {
        nanos += time.toNanos();
    }

    @Override
    public Instant instant() {
        return Instant.EPOCH.plusNanos(nanos);
    }

    RingDrive drive() {
        RingTools tools = new RingTools(RingRules.DEFAULT, this, () -> nanos, Runnable::run);
        return new RingDrive(POOL, CHANGE, this, sightings, this, tools);
    }

    boolean round(RingDrive drive) throws StoreException {
        sightings.look(sightings.begin(), List.copyOf(proxies.values()), nanos);
        return drive.step(stored);
    }

    /** Rounds until nothing changes by themselves, each followed by all proxies. */
    void settle(RingDrive drive) throws StoreException {
        for (int i = 0; i < 6; i++) {
            allBeat();
            round(drive);
        }
    }

    // ---- proxies

    void beat(String id, long applied) {
        int version = proxies.containsKey(id) ? proxies.get(id).heartbeatVersion() + 1 : 0;
        proxies.put(
                id,
                new ProxyState(
                        id,
                        new ProxyRegistration("run-1", "1", "", Instant.EPOCH, Map.of())
                                .withSteadyLease(LEASE_OF_SLOTS),
                        Optional.of(new Heartbeat("run-1", version, applied, 0, "")),
                        version,
                        ++zxid,
                        Instant.EPOCH,
                        true));
    }

    void allBeat() {
        List.copyOf(proxies.keySet()).forEach(id -> beat(id, epoch()));
    }

    // ---- the topology

    long epoch() {
        return stored.topology().epoch();
    }

    RingPool ring() {
        return stored.topology().ringPool(POOL).orElseThrow();
    }

    Optional<RingChange> change() {
        return ring().underway();
    }

    void write(RingPool ring) {
        Topology next = stored.topology().withPool(ring);
        stored = new StoredTopology(next.at(epoch() + 1, 1), stored.version() + 1, ++zxid);
    }

    @Override
    public StoredTopology read() {
        return stored;
    }

    @Override
    public StoredTopology replace(StoredTopology before, Topology after) throws StoreException {
        if (before.version() != stored.version()) {
            throw new StoreException(Reason.CHANGED_MEANWHILE, "somebody else has written");
        }
        write(after.ringPool(POOL).orElseThrow());
        return stored;
    }

    @Override
    public StoredTopology replace(StoredTopology before, Topology after, HistoryEntry why) throws StoreException {
        StoredTopology written = replace(before, after);
        history.add(why);
        return written;
    }

    @Override
    public StoredTopology endFreezes(StoredTopology before, Set<String> handoffs) throws StoreException {
        throw new StoreException(Reason.BAD_DOCUMENT, "nothing is frozen here");
    }

    // ---- the servers

    @Override
    public long sweep() throws RingServerException {
        sweeps++;
        rejectFailure();
        return swept;
    }

    private void rejectFailure() throws RingServerException {
        if (failure != null) {
            throw new RingServerException(failure);
        }
    }

    @Override
    public Holdings holdings() throws RingServerException {
        rejectFailure();
        return holdings;
    }

    @Override
    public Optional<Silent> silentGiver() {
        return Optional.ofNullable(silent);
    }

    @Override
    public void close() {
        closed = true;
    }
}
