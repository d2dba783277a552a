package io.sluice.manager.migration;

import io.sluice.manager.change.ChangeRefusedException;
import io.sluice.manager.change.HandoffOrder;
import io.sluice.manager.change.TopologyChange;
import io.sluice.manager.store.EngineWish;
import io.sluice.manager.store.Orders;
import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.HandoffState;
import io.sluice.routing.cluster.Shard;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.cluster.WaitingMove;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/**
 * Some slots set out for another shard: the topology says so, and whoever leads takes it up. If it is not their turn, or
 * others that were asked for before wait for the same shards, they wait, and whoever leads lets them begin later.
 *
 * @param id unlike that of any other handoff ever
 * @param orders how to move them
 */
public record BeginHandoff(String pool, String id, SlotSet slots, String from, String to, Orders orders)
        implements TopologyChange {

    private static final DateTimeFormatter MOMENT =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final int DIFFERENT = 36 * 36 * 36 * 36;

    /** One that moves them as the manager does by itself. */
    public BeginHandoff(String pool, String id, SlotSet slots, String from, String to) {
        this(pool, id, slots, from, to, Orders.NONE);
    }

    /** An id that no other handoff has: the moment, and four letters or digits. */
    public static String newId(Instant now) {
        String random = Integer.toString(DIFFERENT + ThreadLocalRandom.current().nextInt(DIFFERENT), 36);
        return "m-" + MOMENT.format(now) + "-" + random.substring(1);
    }

    @Override
    public String title() {
        return "slots move " + slots + " from " + from + " to " + to + " (" + id + ")";
    }

    @Override
    public Optional<HandoffOrder> order() {
        return orders.equals(Orders.NONE) ? Optional.empty() : Optional.of(new HandoffOrder(id, none -> orders));
    }

    @Override
    public Topology applyTo(Topology before) throws ChangeRefusedException {
        SlotPool slotPool = before.slotPool(pool)
                .orElseThrow(() -> new ChangeRefusedException("there is no slot pool '" + pool + "'"));
        List<String> reasons = objections(slotPool);
        if (!reasons.isEmpty()) {
            throw new ChangeRefusedException(reasons);
        }
        WaitingMove move = new WaitingMove(id, slots, from, to);
        if (isItsTurn(slotPool, move)) {
            return before.withPool(slotPool.withHandoff(handoff(before)));
        }
        if (orders.engine() == EngineWish.REPLICA) {
            throw new ChangeRefusedException(
                    "a move by engine replica does not wait for its turn, and it is not its turn: "
                            + "other moves of these shards are under way, or wait");
        }
        return before.withPool(slotPool.withWaiting(move));
    }

    /** Without waiting for its turn: it takes the place of one that has been under way. */
    Topology inPlaceOfAnother(Topology before) throws ChangeRefusedException {
        Topology after = applyTo(before);
        SlotPool begun = after.slotPool(pool).orElseThrow();
        return after.withPool(begun.withoutWaiting(id).withHandoff(handoff(before)));
    }

    private Handoff handoff(Topology before) {
        return Handoff.begin(id, slots, from, to, before.epoch() + 1)
                .withWholeServer(orders.engine() == EngineWish.REPLICA);
    }

    private static boolean isItsTurn(SlotPool slotPool, WaitingMove move) {
        return Turns.obstacles(slotPool, move).isEmpty()
                && slotPool.waiting().values().stream()
                        .noneMatch(earlier -> earlier.concerns(move.from()) || earlier.concerns(move.to()));
    }

    private List<String> objections(SlotPool slotPool) {
        List<String> reasons = new ArrayList<>();
        for (String shard : List.of(from, to)) {
            if (slotPool.shard(shard).isEmpty()) {
                reasons.add("there is no shard '" + shard + "' in pool '" + pool + "'");
            }
        }
        if (from.equals(to)) {
            reasons.add("'" + to + "' is where they come from; expected another shard");
        }
        if (slots.isEmpty()) {
            reasons.add("no slots; expected some such as 0-511");
        }
        if (slotPool.shard(to).filter(Shard::draining).isPresent()) {
            reasons.add("shard '" + to + "' is being drained: it gets no slots, unless 'ctl shard drain " + to
                    + " --abort' ends that");
        }
        slotPool.shard(from)
                .map(shard -> slots.without(shard.slots()))
                .filter(others -> !others.isEmpty())
                .ifPresent(others -> reasons.add("shard '" + from + "' does not own " + others));
        if (orders.engine() == EngineWish.REPLICA) {
            reasons.addAll(objectionsToReplica(slotPool));
        }
        addTaken(slotPool, reasons);
        if (slotPool.waiting().size() >= Turns.MAX_WAITING) {
            reasons.add(Turns.MAX_WAITING + " moves wait in pool '" + pool + "' already");
        }
        return reasons;
    }

    private void addTaken(SlotPool slotPool, List<String> reasons) {
        for (Handoff other : slotPool.handoffs().values()) {
            if (other.id().equals(id)) {
                reasons.add("there is a handoff '" + id + "' already");
            } else if (other.state() != HandoffState.SWITCHED && other.slots().intersects(slots)) {
                reasons.add("handoff '" + other.id() + "' has some of them; wait for it, or abort it");
            }
        }
        for (WaitingMove other : slotPool.waiting().values()) {
            if (other.id().equals(id)) {
                reasons.add("there is a move '" + id + "' already");
            } else if (other.slots().intersects(slots)) {
                reasons.add("move '" + other.id() + "' waits with some of them; wait for it, or abort it");
            }
        }
    }

    /** A replica has everything or nothing. */
    private List<String> objectionsToReplica(SlotPool slotPool) {
        List<String> reasons = new ArrayList<>();
        slotPool.shard(from)
                .filter(shard -> !shard.slots().equals(slots))
                .ifPresent(shard -> reasons.add("engine replica moves everything or nothing, and '" + from + "' owns "
                        + shard.slots() + "; expected those, or another engine"));
        slotPool.shard(to)
                .filter(shard -> !shard.slots().isEmpty())
                .ifPresent(
                        shard -> reasons.add(
                                "engine replica makes '" + to
                                        + "' a copy of the source, but it owns slots; expected a shard without any, or another engine"));
        Stream.concat(
                        slotPool.handoffs().values().stream()
                                .filter(other ->
                                        other.from().equals(to) || other.to().equals(to))
                                .map(Handoff::id),
                        slotPool.waiting().values().stream()
                                .filter(other -> other.concerns(to))
                                .map(WaitingMove::id))
                .forEach(other -> reasons.add("engine replica makes '" + to + "' a copy of the source, but '" + other
                        + "' has to do with it; wait until that is over, or take another engine"));
        return reasons;
    }
}
