package io.sluice.manager.migration;

import io.sluice.manager.store.Cluster;
import io.sluice.manager.store.LeaderTask;
import io.sluice.manager.store.LeftCargo;
import io.sluice.manager.store.StoreException;
import io.sluice.manager.store.StoreException.Reason;
import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.Topology;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings all handoffs of a cluster forward while this manager leads: one thread looks for them, and each has a thread of
 * its own.
 */
public final class Migrations implements LeaderTask {

    private static final Logger log = LoggerFactory.getLogger(Migrations.class);

    /** Handoffs that are brought forward at a time, of all pools; others wait until one is over. */
    static final int MAX_UNDERWAY = 64;

    /** Between two looks for new handoffs. */
    private static final Duration PAUSE = Duration.ofMillis(200);

    /** Longer than any step takes whose mover keeps to its limits. */
    private static final Duration END_LIMIT = Duration.ofSeconds(5);

    /** Between two looks for copies that nobody takes off their target. */
    private static final Duration LEFT_PAUSE = Duration.ofMinutes(1);

    private final Movers movers;
    private final HandoffRules rules;
    private final Duration leftPause;
    private final Map<String, Underway> underway = new ConcurrentHashMap<>();
    private final Map<String, String> keptBecause = new ConcurrentHashMap<>(); // by handoffs that are gone
    private volatile @Nullable Rounds rounds;

    public Migrations(Movers movers, HandoffRules rules) {
        this(movers, rules, LEFT_PAUSE);
    }

    /** @param leftPause between two looks for copies that nobody takes off their target */
    Migrations(Movers movers, HandoffRules rules, Duration leftPause) {
        this.movers = movers;
        this.rules = rules;
        this.leftPause = leftPause;
    }

    /** Why a shard still has the copies of this handoff, which was aborted, if that is known here. From any thread. */
    public Optional<String> keptBecause(String handoff) {
        return Optional.ofNullable(keptBecause.get(handoff));
    }

    /** Of all handoffs, as of their last steps; none while another manager leads. From any thread. */
    public List<HandoffStatus> statuses() {
        return rounds == null
                ? List.of()
                : underway.values().stream()
                        .flatMap(each -> each.status().stream())
                        .toList();
    }

    @Override
    public String name() {
        return "migrations";
    }

    @Override
    public void begin(Cluster cluster) {
        rounds = Rounds.begin(name(), new Look(cluster));
    }

    /** Returns when the steps under way are done, or after a while: they could write nothing anyway. */
    @Override
    public void end() {
        Rounds begun = rounds;
        rounds = null;
        if (begun != null) {
            begun.leave();
            underway.values().forEach(Underway::leave);
            awaitEnd(begun);
        }
    }

    private void awaitEnd(Rounds begun) {
        long deadline = System.nanoTime() + END_LIMIT.toNanos();
        try {
            begun.awaitEnd(END_LIMIT);
            for (Underway each : underway.values()) {
                each.awaitEnd(Duration.ofNanos(deadline - System.nanoTime()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What is done while this manager leads, until it does not any more. */
    private final class Look implements Rounds.Duty {

        private final Cluster cluster;
        private final ProxySightings sightings = new ProxySightings();
        private boolean isAlone; // nothing of an earlier term goes on
        private long leftLookedFor = System.nanoTime() - leftPause.toNanos();

        Look(Cluster cluster) {
            this.cluster = cluster;
        }

        @Override
        public Duration round() throws StoreException {
            isAlone = isAlone || hasEndedThoseOfEarlierTerms();
            if (isAlone) {
                roundOfThisTerm();
            }
            return PAUSE;
        }

        @Override
        public void onEnd() {
            underway.values().forEach(Underway::leave);
        }

        /** What they began under an earlier term must not go on under this one, as if this one had begun it. */
        private boolean hasEndedThoseOfEarlierTerms() {
            underway.values().forEach(Underway::leave);
            underway.values().removeIf(Underway::isOver);
            return underway.isEmpty();
        }

        private void roundOfThisTerm() throws StoreException {
            if (underway.values().stream().anyMatch(Underway::isDeposed)) {
                throw new StoreException(Reason.NOT_LEADER, "a handoff has learned that another manager leads");
            }
            underway.forEach((id, each) ->
                    each.keepsBecause().ifPresentOrElse(why -> keptBecause.put(id, why), () -> keptBecause.remove(id)));
            underway.values().removeIf(each -> each.isOver() && !each.isDeposed());
            long now = System.nanoTime();
            if (now - leftLookedFor >= leftPause.toNanos()) { // first before whatever copies to the same shards
                takeUpLeft();
                leftLookedFor = now;
            }
            roundOfHandoffs();
        }

        private void roundOfHandoffs() throws StoreException {
            Topology now = cluster.topologies().read().topology();
            for (String name : now.pools().keySet()) {
                now.slotPool(name).ifPresent(pool -> takeUp(now, pool));
            }
            movers.tidy(now);
        }

        /**
         * What another manager would have taken off targets, had it not ceased to lead, or this one, had the target answered.
         * Their sources are not needed for it, and may be gone.
         */
        private void takeUpLeft() throws StoreException {
            List<LeftCargo> all = LeftCargo.find(cluster.connections(), cluster.topologies());
            keptBecause.keySet().retainAll(all.stream().map(LeftCargo::handoff).toList());
            for (LeftCargo left : all) {
                if (underway.size() >= MAX_UNDERWAY || underway.containsKey(left.handoff())) {
                    continue;
                }
                Handoff gone = Handoff.begin(left.handoff(), left.brought(), left.from(), left.to(), 0);
                log.info("Copies were left: handoff={} slots={} at={}", gone.id(), left.slots(), gone.to());
                underway.put(gone.id(), Underway.finish(cluster, sightings, movers, rules, left.pool(), gone));
            }
        }

        private void takeUp(Topology now, SlotPool pool) {
            for (Handoff handoff : pool.handoffs().values()) {
                boolean mustWait = underway.size() >= MAX_UNDERWAY
                        || underway.values().stream().anyMatch(each -> each.isInTheWayOf(pool, handoff, now));
                if (!mustWait && !underway.containsKey(handoff.id())) {
                    underway.put(handoff.id(), Underway.begin(cluster, sightings, movers, rules, pool, handoff));
                }
            }
        }
    }
}
