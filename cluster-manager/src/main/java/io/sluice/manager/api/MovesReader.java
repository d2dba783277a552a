package io.sluice.manager.api;

import io.sluice.manager.balance.AbortMoves;
import io.sluice.manager.balance.DrainShard;
import io.sluice.manager.balance.Rebalance;
import io.sluice.manager.change.TopologyChange;
import io.sluice.manager.migration.BeginHandoff;
import io.sluice.manager.migration.Turns;
import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.cluster.WaitingMove;
import io.sluice.routing.config.ScalarType;
import io.sluice.routing.config.YamlSection;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads changes that are made of several moves; mistakes stay with the body. */
final class MovesReader {

    private static final String MOVE = "from, to, slots";

    private final YamlSection body;

    private MovesReader(YamlSection body) {
        this.body = body;
    }

    /** The moves of a plan; without any, one by slots is made. */
    static TopologyChange rebalance(YamlSection body) {
        MovesReader reader = new MovesReader(body);
        String pool = reader.text(body, "pool");
        if (reader.isAbort()) {
            return new AbortMoves(pool, null);
        }
        Optional<List<WaitingMove>> moves = reader.moves();
        return moves.isPresent() ? Rebalance.by(pool, moves.get()) : Rebalance.evenly(pool, reader.id());
    }

    /** The same for the moves of one shard. */
    static TopologyChange drain(YamlSection body) {
        MovesReader reader = new MovesReader(body);
        String pool = reader.text(body, "pool");
        String shard = reader.text(body, "shard");
        if (reader.isAbort()) {
            return new AbortMoves(pool, shard);
        }
        Optional<List<WaitingMove>> moves = reader.moves();
        return moves.isPresent()
                ? new DrainShard(pool, shard, moves.get())
                : DrainShard.evenly(pool, shard, reader.id());
    }

    private boolean isAbort() {
        return body.value("abort", false, ScalarType.BOOLEAN);
    }

    private String id() {
        return body.optional("id", ChangeReader.ID).orElseGet(() -> BeginHandoff.newId(Instant.now()));
    }

    private Optional<List<WaitingMove>> moves() {
        Optional<YamlSection> section = body.section("moves", "ids of moves, each with " + MOVE);
        if (section.isEmpty()) {
            return Optional.empty();
        }
        List<WaitingMove> moves = new ArrayList<>();
        for (String id : section.get().keys()) {
            if (!ChangeReader.isId(id)) {
                section.get().mistakenKey(id, "is no id; expected 1 to 64 letters, digits and hyphens");
            }
            section.get().section(id, MOVE).ifPresent(move -> moves.add(move(id, move)));
        }
        if (moves.size() > Turns.MAX_WAITING) {
            section.get().mistake("found " + moves.size() + " moves; expected at most " + Turns.MAX_WAITING);
        }
        return Optional.of(moves);
    }

    private WaitingMove move(String id, YamlSection move) {
        SlotSet slots = move.required("slots", ChangeReader.SLOTS)
                .flatMap(ChangeReader.SLOT_SET::read)
                .orElse(SlotSet.EMPTY);
        WaitingMove read = new WaitingMove(id, slots, text(move, "from"), text(move, "to"));
        move.rejectUnknownKeys();
        return read;
    }

    private String text(YamlSection section, String key) {
        return section.required(key, "a text").flatMap(ScalarType.TEXT::read).orElse("");
    }
}
