package io.sluice.manager.migration;

import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.HandoffState;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.WaitingMove;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** When a move may begin: each takes connections, room and work of two servers, so not all do at once. Pure. */
public final class Turns {

    /** So many handoffs that have not switched may a shard take part in; each is one fork, or one scan. */
    public static final int MAX_OF_A_SHARD = 2;

    /** So many there may be in a pool, with those whose source is cleaned later. */
    public static final int MAX_OF_A_POOL = 16;

    /** So many may wait in a pool. */
    public static final int MAX_WAITING = 1024;

    private Turns() {}

    /** What the move waits for; empty if it is its turn. */
    public static List<String> obstacles(SlotPool pool, WaitingMove move) {
        List<String> obstacles = new ArrayList<>();
        for (String shard : List.of(move.from(), move.to())) {
            List<String> busy = ids(pool.handoffs().values().stream()
                    .filter(handoff -> handoff.state() != HandoffState.SWITCHED)
                    .filter(handoff ->
                            handoff.from().equals(shard) || handoff.to().equals(shard)));
            if (busy.size() >= MAX_OF_A_SHARD) {
                obstacles.add("shard " + shard + " takes part in " + String.join(" and ", busy));
            }
            pool.replacing(shard)
                    .ifPresent(handoff -> obstacles.add("handoff " + handoff.id() + " makes shard " + shard
                            + " a replica, which loses what others bring, until it is switched"));
        }
        ids(pool.handoffs().values().stream().filter(handoff -> handoff.slots().intersects(move.slots())))
                .forEach(id -> obstacles.add("handoff " + id + " has some of its slots, until it is done"));
        if (pool.handoffs().size() >= MAX_OF_A_POOL) {
            obstacles.add("pool " + pool.name() + " has " + MAX_OF_A_POOL + " handoffs");
        }
        return obstacles;
    }

    private static List<String> ids(Stream<Handoff> handoffs) {
        return handoffs.map(Handoff::id).collect(Collectors.toList());
    }

    /** The pool in which those have begun whose turn it is, the first that was asked for first. */
    static SlotPool next(SlotPool pool, long epoch) {
        SlotPool begun = pool;
        for (WaitingMove move : pool.waiting().values()) {
            if (obstacles(begun, move).isEmpty()) {
                begun = begun.withoutWaiting(move.id()).withHandoff(handoff(move, epoch));
            }
        }
        return begun;
    }

    private static Handoff handoff(WaitingMove move, long epoch) {
        return Handoff.begin(move.id(), move.slots(), move.from(), move.to(), epoch);
    }
}
