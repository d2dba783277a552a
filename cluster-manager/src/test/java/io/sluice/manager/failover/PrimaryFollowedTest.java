package io.sluice.manager.failover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.manager.change.ChangeRefusedException;
import io.sluice.routing.cluster.Shard;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.cluster.TopologyDocument;
import io.sluice.routing.hash.SlotHash;
import io.sluice.routing.topology.PoolProtocol;
import io.sluice.routing.topology.ServerAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PrimaryFollowedTest {

    private static final ServerAddress A = ServerAddress.tcp("a", 1);
    private static final ServerAddress B = ServerAddress.tcp("b", 2);
    private static final ServerAddress C = ServerAddress.tcp("c", 3);
    private static final ServerAddress OTHER = ServerAddress.tcp("other", 4);

    @Test
    void primaryAndReplicaChangePlacesAndSlotsStay() throws Exception {
        Topology after = new PrimaryFollowed("cache", "s1", A, C).applyTo(topology(A, B, C));

        assertThat(shard(after)).isEqualTo(new Shard("s1", C, List.of(B, A), SlotSet.range(0, 9)));
    }

    @Test
    void doneAlreadyItChangesNothing() throws Exception {
        Topology before = topology(B, A, C);

        assertThat(new PrimaryFollowed("cache", "s1", A, B).applyTo(before)).isSameAs(before);
    }

    @Test
    void aServerThatNobodyKnewIsTakenIn() throws Exception {
        Topology after = new PrimaryFollowed("cache", "s1", A, C).applyTo(topology(A, B));

        assertThat(shard(after)).isEqualTo(new Shard("s1", C, List.of(B, A), SlotSet.range(0, 9)));
    }

    @Test
    void theDocumentCanBeReadAfterwardsHoweverManyReplicasThereAre() throws Exception {
        List<ServerAddress> replicas = new ArrayList<>();
        for (int i = 0; i < Shard.MAX_REPLICAS; i++) {
            replicas.add(ServerAddress.tcp("replica", 100 + i));
        }
        Topology before = topology(A, replicas.toArray(ServerAddress[]::new));

        Topology after = new PrimaryFollowed("cache", "s1", A, C).applyTo(before);

        assertThat(TopologyDocument.parse("t", TopologyDocument.bytes(after))).isEqualTo(after);
        assertThat(shard(after).primary()).isEqualTo(C);
    }

    @Test
    void refusedIfTheShardHasAThirdPrimaryNow() {
        assertThatThrownBy(() -> new PrimaryFollowed("cache", "s1", A, B).applyTo(topology(C, A, B)))
                .isInstanceOf(ChangeRefusedException.class)
                .hasMessage("the primary of shard 's1' is c:3 now, no longer a:1");
    }

    @Test
    void refusedIfTheServerBelongsToAnotherShard() {
        assertThatThrownBy(() -> new PrimaryFollowed("cache", "s1", A, OTHER).applyTo(topology(A, B)))
                .isInstanceOf(ChangeRefusedException.class)
                .hasMessageStartingWith("other:4 belongs to shard 's2'");
    }

    @Test
    void refusedIfPoolOrShardAreGone() {
        assertThatThrownBy(() -> new PrimaryFollowed("gone", "s1", A, B).applyTo(topology(A, B)))
                .isInstanceOf(ChangeRefusedException.class);
        assertThatThrownBy(() -> new PrimaryFollowed("cache", "gone", A, B).applyTo(topology(A, B)))
                .isInstanceOf(ChangeRefusedException.class);
    }

    private static Shard shard(Topology topology) {
        return topology.slotPool("cache").flatMap(pool -> pool.shard("s1")).orElseThrow();
    }

    private static Topology topology(ServerAddress primary, ServerAddress... replicas) {
        SlotPool pool = new SlotPool("cache", PoolProtocol.REDIS, SlotHash.REDIS_CLUSTER, Map.of(), Map.of())
                .withShard(new Shard("s1", primary, List.of(replicas), SlotSet.range(0, 9)))
                .withShard(new Shard("s2", OTHER, List.of(), SlotSet.range(10, 19)));
        return new Topology(7, 1, Map.of("cache", pool));
    }
}
