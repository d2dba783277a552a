package io.sluice.manager.migration.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.routing.topology.ServerAddress;
import org.junit.jupiter.api.Test;

class StrayReplicaTest {

    private static final RedisEndpoint TARGET = RedisEndpoint.of(ServerAddress.tcp("10.0.0.5", 6379));

    @Test
    void whatIsSaidOfAReplicaOfAForeignServerFitsWhatIsKnownOfTheSources() {
        assertThat(StrayReplica.foreign(TARGET, "10.0.0.9:6379", true))
                .startsWith(
                        "10.0.0.5:6379 is a replica of 10.0.0.9:6379, which is no server of the shard that the keys come"
                                + " from, as the topology has it now. ")
                .contains("If the target has failed over", "before that server left the topology", "REPLICAOF NO ONE");
        assertThat(StrayReplica.foreign(TARGET, "10.0.0.9:6379", false))
                .startsWith(
                        "10.0.0.5:6379 is a replica of 10.0.0.9:6379, and the shard that the keys come from is not in the"
                                + " topology any more")
                .contains("If the target has failed over", "REPLICAOF NO ONE")
                .doesNotContain("which is no server");
    }
}
