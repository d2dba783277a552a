package io.sluice.manager.migration.engine;

import io.sluice.manager.migration.engine.MaintenanceConnection.Purpose;
import java.util.Optional;
import redis.clients.jedis.Protocol.Command;

/** A target that was left as a replica of the source: by a copy that was given up, or by a manager that is gone. */
public final class StrayReplica {

    private StrayReplica() {}

    /**
     * Makes it a master, as whoever takes over has to do first; one that is a master stays so. Empty if it is one now. Its
     * keys stay: take them away with {@link Cleanup}. Blocks for some round trips.
     */
    public static Optional<CopyFailure> promote(RedisEndpoint target, ConnectionRegister register) {
        try (RedisLink link = RedisLink.open(target, Purpose.REPLICATION, register)) {
            if (link.info("replication").text("role").equals("slave")) {
                promote(link);
            }
            return Optional.empty();
        } catch (CopyException e) {
            return Optional.of(e.failure());
        }
    }

    static void promote(RedisLink link) throws CopyException {
        link.call(Command.REPLICAOF, RedisLink.ascii("NO"), RedisLink.ascii("ONE"));
    }
}
