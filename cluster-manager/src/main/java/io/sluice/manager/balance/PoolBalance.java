package io.sluice.manager.balance;

import io.sluice.manager.change.ChangeRefusedException;
import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.HandoffState;
import io.sluice.routing.cluster.Shard;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.cluster.WaitingMove;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * How a wish is met in a pool: what is on its way, or waits, counts as if it had arrived, and is left alone. Shards that
 * are being drained take no part. Pure.
 */
final class PoolBalance {

    /** Nobody minds if a shard has so much more or less than the mean, where what counts is estimated. */
    private static final double SLACK = 0.01;

    private final SlotPool pool;
    private final Wish wish;
    private final List<Shard> shards;
    private final Map<String, SlotSet> settled = new LinkedHashMap<>();
    private SlotSet bound = SlotSet.EMPTY;

    private PoolBalance(SlotPool pool, Wish wish) {
        this.pool = pool;
        this.wish = wish;
        this.shards = pool.shards().values().stream()
                .filter(shard -> !shard.draining() || shard.name().equals(wish.leaving()))
                .toList();
    }

    static PoolBalance of(SlotPool pool, Wish wish) throws ChangeRefusedException {
        PoolBalance balance = new PoolBalance(pool, wish);
        List<String> objections = balance.objections();
        if (!objections.isEmpty()) {
            throw new ChangeRefusedException(objections);
        }
        balance.settle();
        return balance;
    }

    private List<String> objections() {
        List<String> objections = new ArrayList<>();
        wish.weights().keySet().stream()
                .filter(shard -> pool.shard(shard).isEmpty())
                .sorted()
                .forEach(shard -> objections.add("a weight for '" + shard + "': there is no such shard in pool '"
                        + pool.name() + "'; there are: "
                        + String.join(", ", pool.shards().keySet())));
        String leaving = wish.leaving();
        if (leaving != null && pool.shard(leaving).isEmpty()) {
            objections.add("there is no shard '" + leaving + "' in pool '" + pool.name() + "'; there are: "
                    + String.join(", ", pool.shards().keySet()));
        }
        boolean hasTaker = shards.stream()
                .anyMatch(shard -> !Objects.equals(shard.name(), leaving) && wish.weight(shard.name()) > 0);
        if (!hasTaker) {
            objections.add("pool '" + pool.name() + "' has no shard that could take slots; add one with 'shard add', or"
                    + " give one a weight above 0");
        }
        return objections;
    }

    /** Where everything is once what was begun, or asked for, is done. */
    private void settle() {
        pool.shards().forEach((name, shard) -> settled.put(name, shard.slots()));
        for (Handoff handoff : pool.handoffs().values()) {
            if (handoff.state() != HandoffState.SWITCHED) {
                settle(handoff.slots(), handoff.from(), handoff.to());
            }
        }
        for (WaitingMove move : pool.waiting().values()) {
            settle(move.slots(), move.from(), move.to());
        }
    }

    private void settle(SlotSet slots, String from, String to) {
        bound = bound.with(slots);
        settled.computeIfPresent(from, (name, has) -> has.without(slots));
        settled.computeIfPresent(to, (name, has) -> has.with(slots));
    }

    /** What the shard has once that is so, and before any of the steps. */
    SlotSet settled(String shard) {
        return settled.getOrDefault(shard, SlotSet.EMPTY);
    }

    List<Shard> shards() {
        return shards;
    }

    /** @param costs what each slot counts */
    List<SlotBalance.Step> steps(double[] costs) {
        double[] carries = new double[shards.size()];
        int[] weights = new int[shards.size()];
        int leaving = -1;
        for (int i = 0; i < carries.length; i++) {
            String name = shards.get(i).name();
            carries[i] = SlotLoads.sum(costs, settled(name));
            boolean leaves = name.equals(wish.leaving());
            weights[i] = leaves ? 0 : wish.weight(name);
            leaving = leaves ? i : leaving;
        }
        double[] dues = leaving < 0 ? Dues.byWeight(carries, weights) : Dues.without(leaving, carries, weights);
        boolean isExact = wish.measure() == Measure.SLOTS;
        double[] meant = isExact ? Dues.whole(dues, carries) : dues;
        List<SlotBalance.Place> places = new ArrayList<>();
        double total = 0;
        for (int i = 0; i < carries.length; i++) {
            total += carries[i];
            boolean takes = weights[i] > 0;
            boolean leaves = leaving < 0 ? !takes : i == leaving; // nothing is due to it, or all of it is to go
            SlotSet movable = shards.get(i).slots().without(bound);
            places.add(new SlotBalance.Place(shards.get(i).name(), movable, carries[i], meant[i], leaves, takes));
        }
        return SlotBalance.steps(places, costs, isExact ? 0 : SLACK * total / carries.length);
    }
}
