package io.sluice.manager.change;

import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.Shard;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.cluster.TopologyPool;
import io.sluice.routing.cluster.WaitingMove;
import io.sluice.routing.config.PoolDefinition;
import io.sluice.routing.topology.Server;
import io.sluice.routing.topology.ServerAddress;
import java.util.Locale;
import java.util.stream.Collectors;

/** Pools and their parts in a few words. */
final class PoolText {

    private static final int MAX_SLOT_TEXT = 60;

    private PoolText() {}

    static String described(TopologyPool pool) {
        return pool.protocol().word() + ", " + rule(pool) + ", " + size(pool);
    }

    private static String size(TopologyPool pool) {
        return pool instanceof SlotPool slots
                ? counted(slots.shards().size(), "shard")
                : counted(pool.definition().servers().size(), "server");
    }

    /** How its keys are spread. */
    static String rule(TopologyPool pool) {
        PoolDefinition definition = pool.definition();
        String hash = definition.hash().configName();
        if (pool instanceof SlotPool slots) {
            return slots.hash().slots() + " slots (" + hash + ")";
        }
        String tag = definition.hashTag() == null ? "" : ", hash tag " + definition.hashTag();
        return definition.distribution().configName() + " (" + hash + tag + ")";
    }

    static String described(Shard shard) {
        String replicas = shard.replicas().isEmpty()
                ? ""
                : ", replicas "
                        + shard.replicas().stream().map(ServerAddress::toString).collect(Collectors.joining(" "));
        return "primary " + shard.primary() + replicas + ", " + described(shard.slots());
    }

    static String described(Server server) {
        return server.name() + " at " + server.address() + ", weight " + server.weight();
    }

    /** Many ranges are cut, their number is not. */
    static String described(SlotSet slots) {
        if (slots.isEmpty()) {
            return "no slots";
        }
        if (slots.size() == 1) {
            return "slot " + slots;
        }
        String text = slots.toString();
        String shown = text.length() <= MAX_SLOT_TEXT
                ? text
                : text.substring(0, text.lastIndexOf(',', MAX_SLOT_TEXT) + 1) + "...";
        return "slots " + shown + " (" + slots.size() + ")";
    }

    static String described(Handoff handoff) {
        return "handoff " + handoff.id() + ": " + handoff.state() + ", " + described(handoff.slots()) + ", "
                + handoff.from() + " -> " + handoff.to();
    }

    static String described(WaitingMove move) {
        return "move " + move.id() + ": waits, " + described(move.slots()) + ", " + move.from() + " -> " + move.to();
    }

    static String counted(int count, String noun) {
        return count + " " + noun + (count == 1 ? "" : "s");
    }

    /** Never 0.0 % for what is not nothing. */
    static String percent(double share) {
        return share > 0 && share < 0.001 ? "under 0.1 %" : String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }
}
