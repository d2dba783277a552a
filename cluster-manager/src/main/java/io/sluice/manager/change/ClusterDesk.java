package io.sluice.manager.change;

import io.sluice.manager.store.Cluster;
import io.sluice.manager.store.HistoryEntry;
import io.sluice.manager.store.LeftCargo;
import io.sluice.manager.store.StoreException;
import io.sluice.manager.store.StoreException.Reason;
import io.sluice.manager.store.StoredTopology;
import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.cluster.TopologyDocument;
import io.sluice.routing.config.ConfigException;
import io.sluice.routing.config.ConfigProblem;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The desk of one cluster.
 *
 * <pre>
 *   read ──▶ change, check as a proxy would ──▶ plan ──▶ replace and write the history, if nobody wrote meanwhile
 *     ▲__________________________________________________________│ somebody did, at most {@link #MAX_ATTEMPTS} times
 * </pre>
 *
 * Orders for handoffs are written down first: whoever finds a new handoff in the topology finds them as well.
 */
public final class ClusterDesk implements ChangeDesk {

    /** How often a change is compared anew because somebody else wrote in between. */
    public static final int MAX_ATTEMPTS = 8;

    private static final Logger log = LoggerFactory.getLogger(ClusterDesk.class);

    private final Cluster cluster;
    private final InstantSource clock;
    private final OrderDesk orders;
    private final Function<String, Optional<String>> keptBecause;

    /** @param clock what the history goes by */
    public ClusterDesk(Cluster cluster, InstantSource clock) {
        this(cluster, clock, unknown -> Optional.empty());
    }

    /** @param keptBecause why a shard still has the copies of this handoff, which was aborted, if that is known */
    public ClusterDesk(Cluster cluster, InstantSource clock, Function<String, Optional<String>> keptBecause) {
        this.cluster = cluster;
        this.keptBecause = keptBecause;
        this.clock = clock;
        this.orders = new OrderDesk(cluster.orders());
    }

    @Override
    public ChangePlan plan(TopologyChange change) throws StoreException, ChangeRefusedException {
        ChangePlan plan = compare(change, cluster.topologies().read().topology());
        rejectWhatIsCleared(plan);
        return plan.withLines(orders.plan(change));
    }

    @Override
    public ChangePlan apply(TopologyChange change, String by, OptionalLong expectedEpoch)
            throws StoreException, ChangeRefusedException {
        List<String> ordered = List.of();
        for (int attempt = 1; ; attempt++) {
            StoredTopology before = cluster.topologies().read();
            rejectStale(expectedEpoch, before.topology().epoch());
            ChangePlan plan = compare(change, before.topology());
            rejectWhatIsCleared(plan);
            if (attempt == 1) {
                ordered = orders.apply(change);
            }
            if (plan.isEmpty() && ordered.isEmpty()) {
                return plan;
            }
            try {
                ChangePlan all = plan.withLines(ordered);
                return plan.isEmpty() ? ordered(change, by, all) : written(change, by, all, before);
            } catch (StoreException e) {
                if (e.reason() != Reason.CHANGED_MEANWHILE || attempt == MAX_ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private static void rejectStale(OptionalLong expectedEpoch, long epoch) throws ChangeRefusedException {
        if (expectedEpoch.isPresent() && expectedEpoch.getAsLong() != epoch) {
            throw ChangeRefusedException.stale(expectedEpoch.getAsLong(), epoch);
        }
    }

    private static ChangePlan compare(TopologyChange change, Topology before) throws ChangeRefusedException {
        Topology after = change.applyTo(before).at(before.epoch(), before.term());
        TopologyDiff diff = TopologyDiff.between(before, after);
        if (!diff.lines().isEmpty()) {
            rejectUnreadable(after);
        }
        return new ChangePlan(before, after, diff.lines(), diff.warnings());
    }

    /** A shard gets no slots whose keys are just being taken off it: new ones would go with them. */
    private void rejectWhatIsCleared(ChangePlan plan) throws StoreException, ChangeRefusedException {
        Map<String, SlotSet> gained = GainedSlots.between(plan.before(), plan.after());
        if (gained.isEmpty()) {
            return;
        }
        for (LeftCargo left : LeftCargo.find(cluster.connections(), cluster.topologies())) {
            SlotSet slots = gained.get(GainedSlots.place(left.pool().name(), left.to()));
            if (slots != null && slots.intersects(left.slots())) {
                String problem = keptBecause
                        .apply(left.handoff())
                        .map(why -> " (the last try failed: " + why + ")")
                        .orElse("");
                throw new ChangeRefusedException("shard '" + left.to() + "' is being cleared of "
                        + PoolText.described(left.slots()) + ", which '" + left.handoff()
                        + "' had brought there before it was aborted: wait until that is done" + problem
                        + ", or bring them with"
                        + " 'ctl slots move'");
            }
        }
    }

    /** Nothing is written that a proxy could not read. */
    private static void rejectUnreadable(Topology after) throws ChangeRefusedException {
        byte[] document = TopologyDocument.bytes(after);
        if (document.length > TopologyDocument.MAX_BYTES) {
            throw new ChangeRefusedException("the topology would have " + document.length + " bytes; at most "
                    + TopologyDocument.MAX_BYTES + " fit into ZooKeeper. Give shards contiguous slots, or make another"
                    + " cluster for some of the pools");
        }
        try {
            TopologyDocument.parse("the new topology", document);
        } catch (ConfigException e) {
            throw new ChangeRefusedException(
                    e.problems().stream().map(ClusterDesk::sentence).toList());
        }
    }

    /** Lines of a document that nobody has seen would help nobody. */
    private static String sentence(ConfigProblem problem) {
        return problem.key() + ": " + problem.message();
    }

    /**
     * Writes, and when ZooKeeper did not answer, looks once whether it did it all the same: only this term writes
     * this epoch.
     */
    private StoredTopology replace(StoredTopology before, Topology after, HistoryEntry why) throws StoreException {
        try {
            return cluster.topologies().replace(before, after, why);
        } catch (StoreException e) {
            if (e.reason() != Reason.UNAVAILABLE) {
                throw e;
            }
            return found(before, after).orElseThrow(() -> mayBeApplied(before, e));
        }
    }

    private Optional<StoredTopology> found(StoredTopology before, Topology after) {
        try {
            StoredTopology now = cluster.topologies().read();
            boolean isOurs = now.topology().epoch() == before.topology().epoch() + 1
                    && now.topology().term() == cluster.leadership().term()
                    && now.topology().pools().equals(after.pools());
            return isOurs ? Optional.of(now) : Optional.empty();
        } catch (StoreException e) {
            log.debug("Cannot look whether a change was written: {}", e.getMessage());
            return Optional.empty();
        }
    }

    private static StoreException mayBeApplied(StoredTopology before, StoreException cause) {
        return new StoreException(
                Reason.OUTCOME_UNKNOWN,
                "ZooKeeper did not answer, so the change may have been applied or not: look at the topology. It was at"
                        + " epoch " + before.topology().epoch() + " before (" + cause.getMessage() + ")",
                cause);
    }

    private ChangePlan written(TopologyChange change, String by, ChangePlan plan, StoredTopology before)
            throws StoreException {
        long next = before.topology().epoch() + 1;
        Topology now =
                replace(before, plan.after(), entry(change, by, plan, next)).topology();
        log.info("Topology changed: epoch={} by={} change={}", now.epoch(), by, change.title());
        return new ChangePlan(plan.before(), now, plan.lines(), plan.warnings());
    }

    /** Orders only: the topology stays as it is. */
    private ChangePlan ordered(TopologyChange change, String by, ChangePlan plan) {
        long epoch = plan.before().epoch();
        log.info("Orders given: epoch={} by={} change={}", epoch, by, change.title());
        List<String> warnings = new ArrayList<>(plan.warnings());
        try {
            cluster.history().add(entry(change, by, plan, epoch));
        } catch (StoreException e) {
            log.warn("Orders were given, but are missing in the history: epoch={} by={}", epoch, by, e);
            warnings.add("applied, but not written into the history: " + e.getMessage());
        }
        return new ChangePlan(plan.before(), plan.before(), plan.lines(), warnings);
    }

    private HistoryEntry entry(TopologyChange change, String by, ChangePlan plan, long epoch) {
        return new HistoryEntry(
                clock.instant().truncatedTo(ChronoUnit.MILLIS),
                by,
                change.title(),
                plan.before().epoch(),
                epoch,
                plan.lines());
    }
}
