package io.sluice.manager.migration;

import io.sluice.manager.store.HistoryEntry;
import io.sluice.manager.store.ProxyState;
import io.sluice.manager.store.StoreException;
import io.sluice.manager.store.StoreException.Reason;
import io.sluice.manager.store.StoredTopology;
import io.sluice.manager.store.TopologyStore;
import io.sluice.routing.cluster.Freezes;
import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.HandoffState;
import io.sluice.routing.cluster.Heartbeat;
import io.sluice.routing.cluster.ProxyRegistration;
import io.sluice.routing.cluster.Shard;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.hash.SlotHash;
import io.sluice.routing.topology.PoolProtocol;
import io.sluice.routing.topology.ServerAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A topology, proxies with their heartbeats, and a clock that stands until it is moved. */
final class FakePlane implements TopologyStore {

    static final String POOL = "alpha";
    static final String HANDOFF = "h-1";
    static final SlotSet MOVING = SlotSet.range(100, 199);

    private final Map<String, ProxyState> proxies = new TreeMap<>();
    private final ProxySightings sightings = new ProxySightings();
    private StoredTopology stored;
    private long zxid = 1_000;
    private Duration steadyLease = Duration.ZERO;
    private long nanos = 77_000_000_000L;

    @Nullable Reason refusal;

    boolean answersOfWritesAreLost;

    FakePlane() {
        Map<String, Shard> shards = new LinkedHashMap<>();
        shards.put("a", shard("a", 7001, SlotSet.range(0, 8191)));
        shards.put("b", shard("b", 7002, SlotSet.range(8192, 16383)));
        SlotPool pool = new SlotPool(POOL, PoolProtocol.REDIS, SlotHash.REDIS_CLUSTER, shards, Map.of())
                .withHandoff(Handoff.begin(HANDOFF, MOVING, "a", "b", 1));
        stored = new StoredTopology(Topology.NONE.withPool(pool).at(1, 1), 0, zxid);
    }

    private static Shard shard(String name, int port, SlotSet slots) {
        return new Shard(name, ServerAddress.tcp("127.0.0.1", port), List.of(), slots);
    }

    // ---- time and steps

    /** Heartbeats from now on are of proxies that obey it for slots in no handoff; zero for none. */
    void steadyLease(Duration lease) {
        steadyLease = lease;
    }

    long nanos() {
        return nanos;
    }

    void pass(Duration time) {
        nanos += time.toNanos();
    }

    /** One whose freezes last for as long as their handoff says. */
    HandoffDrive drive(Mover mover) {
        return drive(mover, HandoffRules.DEFAULT.withFreezeLimit(Handoff.FREEZE_BUDGET));
    }

    HandoffDrive drive(Mover mover, HandoffRules rules) {
        return new HandoffDrive(POOL, HANDOFF, this, sightings, mover, rules, this::nanos);
    }

    /** One round: read, look, step. */
    boolean round(HandoffDrive drive) throws StoreException {
        StoredTopology now = read();
        sightings.look(sightings.begin(), List.copyOf(proxies.values()), nanos);
        return drive.step(now);
    }

    // ---- proxies

    /** A heartbeat of this proxy that says what it serves. */
    void beat(String id, long applied) {
        int version = proxies.containsKey(id) ? proxies.get(id).heartbeatVersion() + 1 : 0;
        ProxyRegistration registration =
                new ProxyRegistration("run-1", "1", "", Instant.EPOCH, Map.of()).withSteadyLease(steadyLease);
        proxies.put(
                id,
                new ProxyState(
                        id,
                        registration,
                        Optional.of(new Heartbeat("run-1", version, applied, 0, "")),
                        version,
                        ++zxid,
                        Instant.EPOCH,
                        true));
    }

    /** All known proxies serve the newest epoch, and say so. */
    void allBeat() {
        List.copyOf(proxies.keySet()).forEach(id -> beat(id, stored.topology().epoch()));
    }

    /** What this proxy has written cannot be understood any more. */
    void garble(String id) {
        proxies.computeIfPresent(
                id,
                (same, proxy) -> new ProxyState(
                        id,
                        proxy.registration(),
                        Optional.empty(),
                        proxy.heartbeatVersion() + 1,
                        ++zxid,
                        Instant.EPOCH,
                        true,
                        "expected a document"));
    }

    void forget(String id) {
        proxies.remove(id);
    }

    // ---- the topology

    Topology topology() {
        return stored.topology();
    }

    SlotPool pool() {
        return stored.topology().slotPool(POOL).orElseThrow();
    }

    Optional<Handoff> handoff() {
        return pool().handoff(HANDOFF);
    }

    /** Of the handoff, which must be there. */
    HandoffState state() {
        return handoff().orElseThrow().state();
    }

    void write(SlotPool pool) {
        write(stored.topology().withPool(pool));
    }

    private void write(Topology next) {
        stored = new StoredTopology(next.at(stored.topology().epoch() + 1, 1), stored.version() + 1, ++zxid);
    }

    @Override
    public StoredTopology read() {
        return stored;
    }

    @Override
    public StoredTopology replace(StoredTopology before, Topology after) throws StoreException {
        if (refusal != null) {
            throw new StoreException(refusal, "as the test wants it");
        }
        if (before.version() != stored.version()) {
            throw new StoreException(Reason.CHANGED_MEANWHILE, "somebody else has written");
        }
        write(after);
        if (answersOfWritesAreLost) {
            answersOfWritesAreLost = false;
            throw new StoreException(Reason.UNAVAILABLE, "the answer was lost");
        }
        return stored;
    }

    @Override
    public StoredTopology replace(StoredTopology before, Topology after, HistoryEntry why) throws StoreException {
        return replace(before, after);
    }

    @Override
    public StoredTopology endFreezes(StoredTopology before, Set<String> handoffs) throws StoreException {
        return replace(before, Freezes.ended(before.topology(), handoffs));
    }
}
