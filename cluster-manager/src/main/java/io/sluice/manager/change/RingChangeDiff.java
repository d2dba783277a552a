package io.sluice.manager.change;

import io.sluice.routing.KeyShift;
import io.sluice.routing.cluster.RingChange;
import io.sluice.routing.cluster.RingPool;
import io.sluice.routing.cluster.TopologyPool;
import io.sluice.routing.topology.Server;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What changes in how a ring is on its way to other servers. */
final class RingChangeDiff {

    private RingChangeDiff() {}

    /** Whether a change of a ring makes this step, with what its states provide against loss. */
    static boolean isStep(TopologyPool before, TopologyPool after) {
        return before instanceof RingPool old
                && after instanceof RingPool now
                && (old.underway().isPresent() || now.underway().isPresent());
    }

    static void between(RingPool before, RingPool after, List<String> lines, List<String> warnings) {
        Optional<RingChange> old = before.underway();
        Optional<RingChange> now = after.underway();
        String pool = "pool " + after.name() + ": ";
        if (old.equals(now)) {
            return;
        }
        if (old.isEmpty()) {
            begun(pool, after, now.orElseThrow(), lines, warnings);
        } else if (now.isEmpty()) {
            boolean keeps = before.definition().equals(after.definition());
            lines.add("- " + pool + "change " + old.get().id() + (keeps ? ": the servers stay" : ": done"));
        } else {
            lines.add("~ " + pool + "change " + now.get().id() + ": " + text(old.get()) + " -> " + text(now.get()));
        }
    }

    private static String text(RingChange change) {
        return change.state() + (change.turning() || change.back() ? ", on its way back" : "");
    }

    private static void begun(
            String pool, RingPool ring, RingChange change, List<String> lines, List<String> warnings) {
        double share = KeyShift.between(ring.definition(), ring.nextDefinition().orElseThrow());
        lines.add("+ " + pool + "change " + change.id() + ": " + PoolText.percent(share)
                + " of the keys get another server, " + manner(change));
        Map<String, Server> old = new LinkedHashMap<>();
        ring.definition().servers().forEach(server -> old.put(server.name(), server));
        for (Server server : change.next()) {
            if (old.remove(server.name()) == null) {
                lines.add("+ " + pool + "in the end, server " + PoolText.described(server));
            }
        }
        old.values().forEach(server -> lines.add("- " + pool + "in the end, server " + PoolText.described(server)));
        if (change.kind() == RingChange.Kind.BROKER) {
            warnings.add(pool + "while it changes, commands on these keys that are none of queues get an error");
        }
    }

    private static String manner(RingChange change) {
        return switch (change.kind()) {
            case CACHE -> "by a cache window of " + change.window().toSeconds() + " s";
            case BROKER ->
                "as queues: their old server is emptied by its consumers, and watched for "
                        + change.grace().toSeconds() + " s";
        };
    }
}
