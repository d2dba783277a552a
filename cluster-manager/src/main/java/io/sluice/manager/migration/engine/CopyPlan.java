package io.sluice.manager.migration.engine;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What to copy, from where, to where.
 *
 * @param id of the handoff: names threads and files
 * @param source the master that owns the keys
 * @param sourceReplicas replicas of it that may be read instead, best first; may be empty
 * @param target a master
 * @param moving which keys; all others are left alone on both sides
 * @param register told of every connection before it is used
 * @param limits to begin with
 * @param spoolFolder where what waits for the target lies; made if missing
 */
public record CopyPlan(
        String id,
        RedisEndpoint source,
        List<RedisEndpoint> sourceReplicas,
        RedisEndpoint target,
        KeyFilter moving,
        ConnectionRegister register,
        CopyLimits limits,
        Path spoolFolder) {

    public CopyPlan {
        sourceReplicas = List.copyOf(sourceReplicas);
    }

    /** The source and its replicas. */
    public List<RedisEndpoint> sourceServers() {
        return Stream.concat(Stream.of(source), sourceReplicas.stream()).toList();
    }

    /** The same, with connections written down there. */
    public CopyPlan withRegister(ConnectionRegister other) {
        return new CopyPlan(id, source, sourceReplicas, target, moving, other, limits, spoolFolder);
    }

    /** The same, with other limits. */
    public CopyPlan withLimits(CopyLimits other) {
        return new CopyPlan(id, source, sourceReplicas, target, moving, register, other, spoolFolder);
    }
}
