package io.sluice.manager.change;

import io.sluice.routing.cluster.RingPool;
import io.sluice.routing.config.PoolDefinition;
import io.sluice.routing.topology.Server;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What changes within a pool that is a ring. */
final class RingPoolDiff {

    private RingPoolDiff() {}

    /** All of a pool that is new. */
    static void of(RingPool pool, List<String> lines, List<String> warnings) {
        pool.definition()
                .servers()
                .forEach(server -> lines.add("+ pool " + pool.name() + ": server " + PoolText.described(server)));
        warnOfPiles(pool, warnings);
    }

    static void between(RingPool before, RingPool after, List<String> lines, List<String> warnings) {
        if (!PoolText.rule(before).equals(PoolText.rule(after))) {
            lines.add("~ pool " + after.name() + ": " + PoolText.rule(before) + " -> " + PoolText.rule(after));
            warnOfPiles(after, warnings);
        }
        compareServers("pool " + after.name() + ": server ", before, after, lines);
        RingChangeDiff.between(before, after, lines, warnings);
    }

    private static void warnOfPiles(RingPool pool, List<String> warnings) {
        PoolDefinition definition = pool.definition();
        definition
                .distribution()
                .whyKeysPileUp(definition.hash())
                .ifPresent(reason -> warnings.add("pool " + pool.name() + ": " + reason));
    }

    private static void compareServers(String prefix, RingPool before, RingPool after, List<String> lines) {
        Map<String, Server> old = new LinkedHashMap<>();
        before.definition().servers().forEach(server -> old.put(server.name(), server));
        for (Server server : after.definition().servers()) {
            Server former = old.remove(server.name());
            if (former == null) {
                lines.add("+ " + prefix + PoolText.described(server));
                continue;
            }
            if (!former.address().equals(server.address())) {
                lines.add("~ " + prefix + server.name() + ": " + former.address() + " -> " + server.address()
                        + " (keeps its keys' places)");
            }
            if (former.weight() != server.weight()) {
                lines.add("~ " + prefix + server.name() + ": weight " + former.weight() + " -> " + server.weight());
            }
        }
        old.values().forEach(server -> lines.add("- " + prefix + PoolText.described(server)));
    }
}
