package io.sluice.manager.imports;

import io.sluice.routing.cluster.Shard;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.config.AddressText;
import io.sluice.routing.hash.SlotHash;
import io.sluice.routing.topology.PoolProtocol;
import io.sluice.routing.topology.ServerAddress;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A product of codis as a pool: 1024 slots, each group a shard, each key where codis has it.
 *
 * @param pool what it becomes; not to be used if there are refusals
 * @param refusals what cannot be taken over as it is now, each with what to do
 * @param warnings what people should know first
 */
public record CodisImport(SlotPool pool, List<String> refusals, List<String> warnings) {

    public CodisImport {
        refusals = List.copyOf(refusals);
        warnings = List.copyOf(warnings);
    }

    /** Makes a pool of that name. Pure. */
    public static CodisImport of(CodisTree tree, String poolName) {
        return new Making(tree, poolName).made();
    }

    /**
     * What codis calls the masters that its sentinels watch, by shard; for {@code sentinel.masters} in the manager's file.
     * Source: codis pkg/utils/redis/sentinel.go.
     */
    public static Map<String, String> masters(CodisTree tree) {
        Map<String, String> masters = new LinkedHashMap<>();
        tree.groups().values().forEach(group -> masters.put(group.shard(), tree.product() + "-" + group.id()));
        return masters;
    }

    private static final class Making {

        private final CodisTree tree;
        private final String poolName;
        private final List<String> refusals = new ArrayList<>();
        private final List<String> warnings = new ArrayList<>();

        Making(CodisTree tree, String poolName) {
            this.tree = tree;
            this.poolName = poolName;
        }

        CodisImport made() {
            refusals.addAll(tree.unreadable());
            judgeSlots();
            Map<String, Shard> shards = new LinkedHashMap<>();
            tree.groups().values().forEach(group -> add(group, shards));
            warnOfTheRest();
            SlotPool pool = new SlotPool(poolName, PoolProtocol.REDIS, SlotHash.CODIS, shards, Map.of());
            return new CodisImport(pool, refusals, warnings);
        }

        private void judgeSlots() {
            Map<String, SlotSet> moving = new TreeMap<>();
            Map<Integer, SlotSet> orphans = new TreeMap<>();
            for (CodisSlot slot : tree.slots()) {
                SlotSet one = SlotSet.range(slot.id(), slot.id());
                if (!slot.action().isEmpty()) {
                    moving.merge(slot.action(), one, SlotSet::with);
                }
                if (slot.group() != 0 && !tree.groups().containsKey(slot.group())) {
                    orphans.merge(slot.group(), one, SlotSet::with);
                }
            }
            moving.forEach((action, slots) -> refusals.add(
                    "slots " + slots + " are on their way, " + action + ": let codis end the migration first"));
            orphans.forEach((group, slots) ->
                    refusals.add("slots " + slots + " belong to group " + group + ", of which codis has nothing"));
            SlotSet unassigned = slots(0);
            if (unassigned.size() == CodisTree.SLOTS) {
                refusals.add("no slot belongs to a group: there is nothing to take over");
            } else if (!unassigned.isEmpty()) {
                warnings.add("slots " + unassigned + " belong to no group: their keys get an error, as at codis");
            }
        }

        private SlotSet slots(int group) {
            BitSet slots = new BitSet(CodisTree.SLOTS);
            tree.slots().stream().filter(slot -> slot.group() == group).forEach(slot -> slots.set(slot.id()));
            return SlotSet.of(slots);
        }

        private void add(CodisGroup group, Map<String, Shard> shards) {
            SlotSet owns = slots(group.id());
            if (!group.promoting().isEmpty()) {
                refusals.add("group " + group.id() + " is getting another primary, " + group.promoting()
                        + ": let codis end that first");
            }
            if (group.outOfSync()) {
                warnings.add("group " + group.id() + " is out of sync: codis's proxies may still have other servers for"
                        + " it than are taken over; resync it in the dashboard");
            }
            warnOfServers(group);
            List<ServerAddress> servers = servers(group);
            if (servers.isEmpty() && owns.isEmpty()) {
                warnings.add("group " + group.id() + " has no server and no slot: it is left out");
            } else if (servers.isEmpty()) {
                refusals.add("group " + group.id() + " has no server for its slots " + owns);
            } else {
                if (owns.isEmpty()) {
                    warnings.add("group " + group.id() + " has no slot: its shard will be idle");
                }
                shards.put(
                        group.shard(),
                        new Shard(group.shard(), servers.get(0), servers.subList(1, servers.size()), owns));
            }
        }

        private void warnOfServers(CodisGroup group) {
            String busy = group.servers().stream()
                    .filter(server -> !server.action().isEmpty())
                    .map(server -> server.address() + " (" + server.action() + ")")
                    .collect(Collectors.joining(", "));
            if (!busy.isEmpty()) {
                warnings.add("group " + group.id() + ": codis is making a replica of " + busy);
            }
            if (group.servers().size() > 1 && group.servers().stream().anyMatch(CodisGroup.Server::replicaReads)) {
                warnings.add("group " + group.id()
                        + ": codis's proxies read from its replicas; Sluice reads from primaries");
            }
        }

        private List<ServerAddress> servers(CodisGroup group) {
            List<ServerAddress> servers = new ArrayList<>();
            for (CodisGroup.Server server : group.servers()) {
                AddressText.tcp(server.address())
                        .ifPresentOrElse(
                                servers::add,
                                () -> refusals.add("group " + group.id() + " has a server '" + server.address()
                                        + "'; expected host:port"));
            }
            if (servers.size() - 1 > Shard.MAX_REPLICAS) {
                refusals.add("group " + group.id() + " has " + (servers.size() - 1) + " replicas; expected at most "
                        + Shard.MAX_REPLICAS);
            }
            return servers;
        }

        private void warnOfTheRest() {
            if (tree.sentinelsOutOfSync()) {
                warnings.add("the sentinels are out of sync: resync them in the dashboard");
            }
            if (!tree.dashboard().isEmpty()) {
                warnings.add(
                        "codis's dashboard at " + tree.dashboard() + " is locked in: what it changes from now on is"
                                + " not seen here, so stop it, or leave it alone, until codis's proxies are gone");
            }
        }
    }
}
