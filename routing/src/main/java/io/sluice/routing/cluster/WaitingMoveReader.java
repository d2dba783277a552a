package io.sluice.routing.cluster;

import io.sluice.routing.config.YamlSection;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reads the moves of a pool whose turn has not come; mistakes stay with their sections. */
final class WaitingMoveReader {

    private final SlotPool pool;
    private final Map<String, WaitingMove> moves = new LinkedHashMap<>();
    private SlotSet taken; // by all so far: asking each for each other takes long for hundreds

    private WaitingMoveReader(SlotPool pool) {
        this.pool = pool;
        SlotSet onTheirWay = SlotSet.EMPTY;
        for (Handoff handoff : pool.handoffs().values()) {
            if (handoff.state() != HandoffState.SWITCHED) {
                onTheirWay = onTheirWay.with(handoff.slots());
            }
        }
        this.taken = onTheirWay;
    }

    /** The pool with them. */
    static SlotPool read(SlotPool pool, Map<String, YamlSection> sections) {
        WaitingMoveReader reader = new WaitingMoveReader(pool);
        sections.forEach(reader::add);
        return new SlotPool(pool.name(), pool.protocol(), pool.hash(), pool.shards(), pool.handoffs(), reader.moves);
    }

    private void add(String id, YamlSection section) {
        WaitingMove move = new WaitingMove(
                id,
                TopologyReader.slots(section, "slots", pool.hash()),
                TopologyReader.shardName(pool, section, "from"),
                TopologyReader.shardName(pool, section, "to"));
        section.rejectUnknownKeys();
        rejectImpossible(move, section);
        taken = taken.with(move.slots());
        moves.put(id, move);
    }

    private void rejectImpossible(WaitingMove move, YamlSection section) {
        if (move.slots().isEmpty()) {
            section.mistake("slots", "a move of no slot");
        }
        if (move.from().equals(move.to())) {
            section.mistake("to", "the shard that they come from; expected another");
        }
        if (pool.handoff(move.id()).isPresent()) {
            section.mistake("a handoff has the same id");
        }
        pool.shard(move.from())
                .map(shard -> move.slots().without(shard.slots()))
                .filter(others -> !others.isEmpty())
                .ifPresent(others -> section.mistake("slots", "shard '" + move.from() + "' does not own " + others));
        if (taken.intersects(move.slots())) {
            section.mistake(
                    "slots",
                    move.slots().without(move.slots().without(taken)) + " are on their way, or wait for it, already");
        }
    }
}
