package io.sluice.routing.cluster;

import io.sluice.routing.config.ConfigException;
import io.sluice.routing.config.YamlReader;
import io.sluice.routing.config.YamlSection;
import io.sluice.routing.topology.Server;
import io.sluice.routing.topology.ServerAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A {@link Topology} as text: JSON, as it stands in ZooKeeper, in a proxy's last good file and in what people apply.
 * Reading takes YAML as well, of which JSON is a part, and finds all mistakes at once, with their lines.
 */
public final class TopologyDocument {

    /** The only format so far; a document of another is refused. */
    public static final int FORMAT = 1;

    /** What a znode takes, with room for its head. */
    public static final int MAX_BYTES = 1_000_000;

    private TopologyDocument() {}

    /**
     * Reads a document.
     *
     * @param name stands in the problems where a file's name would
     * @throws ConfigException with everything that is wrong with it
     */
    public static Topology parse(String name, byte[] bytes) {
        YamlSection document = YamlReader.parse(name, bytes);
        Topology topology = new TopologyReader(document).read();
        document.throwIfMistaken();
        return topology;
    }

    /** The document; {@link #parse} gives the same topology again. */
    public static String text(Topology topology) {
        return JsonLines.object(document -> {
            document.add("format", FORMAT).add("epoch", topology.epoch()).add("term", topology.term());
            document.add(
                    "pools",
                    pools -> topology.pools().values().forEach(pool -> pools.add(pool.name(), of -> write(pool, of))));
        });
    }

    /** The same as bytes. */
    public static byte[] bytes(Topology topology) {
        return text(topology).getBytes(StandardCharsets.UTF_8);
    }

    private static void write(TopologyPool pool, JsonLines to) {
        to.add("protocol", pool.protocol().word());
        to.add("distribution", pool.definition().distribution().configName());
        if (pool instanceof SlotPool slots) {
            writeSlots(slots, to);
        } else if (pool instanceof RingPool ring) {
            writeRing(ring, to);
        }
    }

    private static void writeRing(RingPool pool, JsonLines to) {
        to.add("hash", pool.definition().hash().configName());
        if (pool.definition().hashTag() != null) {
            to.add("hash_tag", pool.definition().hashTag().toString());
        }
        to.add("servers", lines(pool.definition().servers()));
        pool.underway().ifPresent(change -> to.add("change", of -> write(change, of)));
    }

    private static void write(RingChange change, JsonLines to) {
        to.add("id", change.id());
        to.add("kind", change.kind().word());
        to.add("state", change.state().name());
        to.add("next", lines(change.next()));
        if (change.back()) {
            to.add("back", true);
        }
        if (change.turning()) {
            to.add("turning", true);
        }
        to.add("since", change.since());
        to.add("entered_ms", change.entered().toEpochMilli());
        to.add("lease_ms", change.lease().toMillis());
        to.add("window_ms", change.window().toMillis());
        to.add("grace_ms", change.grace().toMillis());
    }

    private static List<String> lines(List<Server> servers) {
        return servers.stream().map(TopologyDocument::line).toList();
    }

    private static String line(Server server) {
        String address = server.address() + ":" + server.weight();
        return server.name().equals(Server.ringName(server.address())) ? address : address + " " + server.name();
    }

    private static void writeSlots(SlotPool pool, JsonLines to) {
        to.add("slots", pool.hash().slots());
        to.add(
                "shards",
                shards -> pool.shards()
                        .values()
                        .forEach(shard -> shards.add(shard.name(), of -> {
                            of.add("primary", shard.primary().toString());
                            if (!shard.replicas().isEmpty()) {
                                of.add("replicas", addresses(shard.replicas()));
                            }
                            of.add("owns", shard.slots().toString());
                            if (shard.draining()) {
                                of.add("draining", true);
                            }
                        })));
        if (!pool.handoffs().isEmpty()) {
            to.add(
                    "handoffs",
                    handoffs -> pool.handoffs()
                            .values()
                            .forEach(handoff -> handoffs.add(handoff.id(), of -> write(handoff, of))));
        }
        if (!pool.waiting().isEmpty()) {
            to.add(
                    "waiting",
                    moves -> pool.waiting().values().forEach(move -> moves.add(move.id(), of -> write(move, of))));
        }
    }

    private static List<String> addresses(List<ServerAddress> servers) {
        return servers.stream().map(ServerAddress::toString).toList();
    }

    private static void write(WaitingMove move, JsonLines to) {
        to.add("slots", move.slots().toString());
        to.add("from", move.from());
        to.add("to", move.to());
    }

    private static void write(Handoff handoff, JsonLines to) {
        to.add("state", handoff.state().name());
        to.add("slots", handoff.slots().toString());
        to.add("from", handoff.from());
        to.add("to", handoff.to());
        to.add("lease_ms", handoff.lease().toMillis());
        to.add("freeze_budget_ms", handoff.freezeBudget().toMillis());
        to.add("copy_since", handoff.copySince());
        to.add("attempt", handoff.attempt());
        if (handoff.wholeServer()) {
            to.add("whole_server", true);
        }
    }
}
