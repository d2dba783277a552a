package io.sluice.manager.failover;

import io.sluice.manager.redis.ServerRole;
import io.sluice.routing.cluster.Shard;
import io.sluice.routing.topology.ServerAddress;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Judges by what the servers of a shard say of themselves. Two must agree: the known primary that it follows another,
 * and that other that it is a primary. One that is silent is never replaced: nobody has been elected, and a server may
 * call itself a primary just because it was started with an empty configuration.
 */
final class RoleJudge {

    private RoleJudge() {}

    /**
     * The verdict.
     *
     * @param known gives the servers of the shard the topology's names
     * @param ask the role of a server
     */
    static Verdict judge(Shard shard, KnownServers known, Function<ServerAddress, ServerRole> ask) {
        ServerRole role = ask.apply(shard.primary());
        if (role instanceof ServerRole.Replica replica) {
            return demoted(shard, known.meant(replica.of()), ask);
        }
        List<ServerAddress> others = shard.replicas().stream()
                .filter(server -> ask.apply(server) instanceof ServerRole.Primary)
                .toList();
        String named = others.stream().map(ServerAddress::toString).collect(Collectors.joining(", "));
        if (role instanceof ServerRole.Unknown unknown) {
            String silent = "the primary " + shard.primary() + " " + unknown.reason();
            return new Verdict.Stay(
                    others.isEmpty() ? silent : silent + "; " + named + " says it is a primary: promote it if it is");
        }
        return others.isEmpty()
                ? Verdict.FINE
                : new Verdict.Stay("two primaries: " + shard.primary() + " stays the primary, and " + named
                        + " says it is one too");
    }

    private static Verdict demoted(Shard shard, ServerAddress of, Function<ServerAddress, ServerRole> ask) {
        ServerRole role = ask.apply(of);
        String says = shard.primary() + " says it is a replica of " + of;
        return role instanceof ServerRole.Primary
                ? new Verdict.Follow(of, says + ", and " + of + " that it is a primary")
                : new Verdict.Stay(says + ", but " + of + ": " + role.text());
    }
}
