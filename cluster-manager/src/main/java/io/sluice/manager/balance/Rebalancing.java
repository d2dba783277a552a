package io.sluice.manager.balance;

import io.sluice.manager.balance.Proposal.Load;
import io.sluice.manager.balance.Proposal.Part;
import io.sluice.manager.balance.Proposal.Step;
import io.sluice.manager.change.ChangeRefusedException;
import io.sluice.manager.migration.Turns;
import io.sluice.manager.migration.engine.CopyLimits;
import io.sluice.routing.cluster.Shard;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.cluster.WaitingMove;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Works out which moves meet a wish; asks servers, changes nothing. May be used from any thread; blocks. */
public final class Rebalancing {

    private final ServerLoads servers;
    private final CopyLimits limits;

    /** @param limits of each copy, for the time it takes */
    public Rebalancing(ServerLoads servers, CopyLimits limits) {
        this.servers = servers;
        this.limits = limits;
    }

    /**
     * The moves.
     *
     * @param epoch of the topology that has the pool
     * @param id unlike that of any move ever; the moves are called by it, with a number behind it
     */
    public Proposal propose(long epoch, SlotPool pool, Wish wish, String id) throws ChangeRefusedException {
        PoolBalance balance = PoolBalance.of(pool, wish);
        SlotLoads loads = servers.ask(pool, wish.measure() != Measure.SLOTS);
        if (wish.measure() != Measure.SLOTS && !loads.silent().isEmpty()) {
            throw new ChangeRefusedException("by " + wish.measure().word() + " every server must tell what it has: "
                    + String.join("; ", loads.silent()));
        }
        List<SlotBalance.Step> found = balance.steps(loads.costs(wish.measure()));
        List<Step> steps = new ArrayList<>();
        for (WaitingMove move : named(found, id)) {
            Load load = load(loads, move.slots());
            steps.add(new Step(move, load, seconds(load)));
        }
        List<String> notes = new ArrayList<>(loads.notes());
        loads.silent().forEach(reason -> notes.add(reason + ": its keys and bytes are not known"));
        return new Proposal(epoch, pool.name(), wish, parts(balance, wish, loads, steps), steps, total(steps), notes);
    }

    /** The moves of a plan, with ids. */
    static List<WaitingMove> named(List<SlotBalance.Step> steps, String id) {
        List<WaitingMove> moves = new ArrayList<>();
        for (SlotBalance.Step step : steps) {
            moves.add(new WaitingMove(id + "-" + (moves.size() + 1), step.slots(), step.from(), step.to()));
        }
        return moves;
    }

    private static List<Part> parts(PoolBalance balance, Wish wish, SlotLoads loads, List<Step> steps) {
        List<Part> parts = new ArrayList<>();
        for (Shard shard : balance.shards()) {
            SlotSet now = balance.settled(shard.name());
            SlotSet then = now;
            for (Step step : steps) {
                WaitingMove move = step.move();
                then = move.from().equals(shard.name()) ? then.without(move.slots()) : then;
                then = move.to().equals(shard.name()) ? then.with(move.slots()) : then;
            }
            int weight = shard.name().equals(wish.leaving()) ? 0 : wish.weight(shard.name());
            parts.add(new Part(shard.name(), weight, now, load(loads, now), then, load(loads, then)));
        }
        return parts;
    }

    private static Load load(SlotLoads loads, SlotSet slots) {
        return new Load(known(loads.keysOf(slots)), known(loads.bytesOf(slots)));
    }

    private static @Nullable Double known(double number) {
        return Double.isNaN(number) ? null : (Double) number;
    }

    private @Nullable Double seconds(Load load) {
        Double keys = load.keys();
        Double bytes = load.bytes();
        return keys == null || bytes == null
                ? null
                : (Double) Math.max(keys / limits.keysPerSecond(), bytes / limits.bytesPerSecond());
    }

    /** A shard has its moves some at a time, and none is faster than the longest. */
    private static @Nullable Double total(List<Step> steps) {
        double longest = 0;
        for (Step one : steps) {
            Double seconds = one.seconds();
            if (seconds == null) {
                return null;
            }
            longest = Math.max(longest, seconds);
            for (String shard : List.of(one.move().from(), one.move().to())) {
                double busy = steps.stream()
                        .filter(step -> step.move().concerns(shard))
                        .mapToDouble(step -> step.seconds() == null ? 0 : step.seconds())
                        .sum();
                longest = Math.max(longest, busy / Turns.MAX_OF_A_SHARD);
            }
        }
        return longest;
    }
}
