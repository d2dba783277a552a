package io.sluice.manager.migration.engine;

import io.sluice.manager.migration.engine.CopyFailure.Kind;
import io.sluice.manager.migration.engine.MaintenanceConnection.Purpose;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import redis.clients.jedis.Protocol.Command;

/**
 * A target that was left as a replica of the source: by a copy that was given up, or by a manager that is gone. One that
 * follows any other server was made a replica by others, as after a failover: who promotes that one has two masters of one
 * shard, and loses what the elected one has acknowledged.
 */
public final class StrayReplica {

    private StrayReplica() {}

    /**
     * Makes it a master, as whoever takes over has to do first; one that is a master stays so. Empty if it is one now. Its
     * keys stay: take them away with {@link Cleanup}. Blocks for some round trips.
     *
     * @param sources of which a copy may have made it a replica
     */
    public static Optional<CopyFailure> promote(
            RedisEndpoint target, Collection<RedisEndpoint> sources, ConnectionRegister register) {
        try (RedisLink link = RedisLink.open(target, Purpose.REPLICATION, register)) {
            InfoText replication = link.info("replication");
            if (replication.text("role").equals("master")) {
                return Optional.empty();
            }
            String host = replication.text("master_host");
            long port = replication.number("master_port").orElse(-1);
            if (sources.stream().noneMatch(source -> isAt(source, host, port))) {
                return Optional.of(
                        new CopyFailure(Kind.SOURCE_CHANGED, foreign(target, host + ":" + port, !sources.isEmpty())));
            }
            promote(link);
            return Optional.empty();
        } catch (CopyException e) {
            return Optional.of(e.failure());
        }
    }

    /** A source that has left the topology is told from a failover by people only. */
    static String foreign(RedisEndpoint target, String master, boolean hasSources) {
        String follows = target + " is a replica of " + master;
        String failedOver =
                "If the target has failed over, this goes on when the topology names its primary ('ctl failover')";
        return hasSources
                ? follows + ", which is no server of the shard that the keys come from, as the topology has it now. "
                        + failedOver + "; if not, a move may have left it so before that server left the topology: say"
                        + " REPLICAOF NO ONE to it"
                : follows
                        + ", and the shard that the keys come from is not in the topology any more, so nobody knows whether"
                        + " that is one of its servers. " + failedOver
                        + "; if not, a move may have left it so: say REPLICAOF NO ONE to it";
    }

    /** Sentinels tell replicas the address of a server, people may have told us its name. */
    private static boolean isAt(RedisEndpoint source, String host, long port) {
        if (source.address().port() != port) {
            return false;
        }
        String known = source.address().hostOrPath();
        return known.equalsIgnoreCase(host) || !Collections.disjoint(addresses(known), addresses(host));
    }

    private static List<InetAddress> addresses(String host) {
        try {
            return Arrays.asList(InetAddress.getAllByName(host));
        } catch (UnknownHostException e) {
            return List.of(); // then it is nobody we know
        }
    }

    static void promote(RedisLink link) throws CopyException {
        link.call(Command.REPLICAOF, RedisLink.ascii("NO"), RedisLink.ascii("ONE"));
    }
}
