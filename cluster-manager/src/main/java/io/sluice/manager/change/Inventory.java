package io.sluice.manager.change;

import io.sluice.routing.cluster.RingPool;
import io.sluice.routing.cluster.Shard;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.cluster.TopologyPool;
import io.sluice.routing.config.Words;
import io.sluice.routing.topology.Server;
import io.sluice.routing.topology.ServerAddress;
import java.util.Collection;
import java.util.Optional;

/** Finds the parts of a topology by what people call them, and says what there is where a name is wrong. */
final class Inventory {

    private Inventory() {}

    static TopologyPool pool(Topology topology, String name) throws ChangeRefusedException {
        return topology.pool(name)
                .orElseThrow(() -> unknown("pool", name, "", topology.pools().keySet()));
    }

    static SlotPool slotPool(Topology topology, String name, String instead) throws ChangeRefusedException {
        if (pool(topology, name) instanceof SlotPool slots) {
            return slots;
        }
        throw new ChangeRefusedException("pool '" + name + "' is a ring, which has no shards and no slots" + instead);
    }

    static RingPool ringPool(Topology topology, String name, String instead) throws ChangeRefusedException {
        if (pool(topology, name) instanceof RingPool ring) {
            return ring;
        }
        throw new ChangeRefusedException("pool '" + name + "' has shards, not servers that stand alone" + instead);
    }

    static Shard shard(SlotPool pool, String name) throws ChangeRefusedException {
        return pool.shard(name)
                .orElseThrow(() -> unknown(
                        "shard",
                        name,
                        " in pool '" + pool.name() + "'",
                        pool.shards().keySet()));
    }

    /** A server of a ring by its name or its address. */
    static Server server(RingPool pool, String nameOrAddress) throws ChangeRefusedException {
        return pool.definition().servers().stream()
                .filter(server -> isCalled(server, nameOrAddress))
                .findFirst()
                .orElseThrow(() -> unknown(
                        "server",
                        nameOrAddress,
                        " in pool '" + pool.name() + "'",
                        pool.definition().servers().stream().map(Server::name).toList()));
    }

    private static boolean isCalled(Server server, String nameOrAddress) {
        return server.name().equals(nameOrAddress)
                || server.address().toString().equals(nameOrAddress);
    }

    /** The shard that has the server, as primary or as replica. */
    static Optional<Shard> shardOf(SlotPool pool, ServerAddress server) {
        return pool.shards().values().stream()
                .filter(shard ->
                        shard.primary().equals(server) || shard.replicas().contains(server))
                .findFirst();
    }

    /** The same by what people write; refused if no shard has it. */
    static Shard shardOf(SlotPool pool, String server) throws ChangeRefusedException {
        return pool.shards().values().stream()
                .filter(shard -> shard.primary().toString().equals(server)
                        || shard.replicas().stream()
                                .anyMatch(replica -> replica.toString().equals(server)))
                .findFirst()
                .orElseThrow(() -> new ChangeRefusedException("no shard of pool '" + pool.name() + "' has a server "
                        + Words.quoted(server) + "; expected host:port as 'topology show' has it"));
    }

    /** Each server once in a pool: two shards on one server would overwrite each other's keys. */
    static void rejectTaken(SlotPool pool, ServerAddress server) throws ChangeRefusedException {
        Optional<Shard> taken = shardOf(pool, server);
        if (taken.isPresent()) {
            throw new ChangeRefusedException(server + " is a server of shard '"
                    + taken.get().name() + "' already; expected one that no shard of pool '" + pool.name()
                    + "' has");
        }
    }

    private static ChangeRefusedException unknown(String what, String name, String where, Collection<String> known) {
        String meant = Words.didYouMean(name, known);
        String there = known.isEmpty() ? "; there is none yet" : "; there are: " + some(known);
        return new ChangeRefusedException(
                "no " + what + " " + Words.quoted(name) + where + (meant.isEmpty() ? there : meant));
    }

    private static String some(Collection<String> names) {
        int most = 20;
        String shown = String.join(", ", names.stream().limit(most).toList());
        return names.size() > most ? shown + " and " + (names.size() - most) + " more" : shown;
    }
}
