package io.sluice.manager.change;

import static io.sluice.manager.change.Changes.MOVING;
import static io.sluice.manager.change.Changes.TWO_SHARDS;
import static io.sluice.manager.change.Changes.address;
import static io.sluice.manager.change.Changes.lines;
import static io.sluice.manager.change.Changes.refusal;
import static io.sluice.manager.change.Changes.warnings;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.routing.cluster.Topology;
import io.sluice.routing.topology.Server;
import io.sluice.routing.topology.ServerAddress;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ServerChangesTest {

    private static final RingPassage CACHE = RingPassage.ofCache("r-1", Duration.ofMinutes(10), Instant.EPOCH);

    private static final ServerAddress FREE = address("10.0.1.1:6379");

    @Test
    void aShardGetsAReplicaAndLosesIt() throws Exception {
        Topology with = new AddReplica("sessions", "s1", FREE).applyTo(TWO_SHARDS);

        assertThat(lines(TWO_SHARDS, new AddReplica("sessions", "s1", FREE)))
                .containsExactly("+ pool sessions: shard s1: replica 10.0.1.1:6379");
        assertThat(lines(with, new RemoveServer("sessions", "10.0.1.1:6379", false)))
                .containsExactly("- pool sessions: shard s1: replica 10.0.1.1:6379");
    }

    @Test
    void aServerOfAnotherShardIsNoReplica() {
        assertThat(refusal(TWO_SHARDS, new AddReplica("sessions", "s1", address("10.0.0.3:6379"))))
                .contains("is a server of shard 's2' already");
    }

    @Test
    void aPrimaryIsNotRemovedButItsReplicaPromoted() throws Exception {
        assertThat(refusal(TWO_SHARDS, new RemoveServer("sessions", "10.0.0.1:6379", true)))
                .contains("is the primary of shard 's1'; promote a replica first");

        PromoteReplica promotion = new PromoteReplica("sessions", "s1", address("10.0.0.2:6379"));
        assertThat(lines(TWO_SHARDS, promotion))
                .containsExactly(
                        "~ pool sessions: shard s1: primary 10.0.0.1:6379 -> 10.0.0.2:6379",
                        "+ pool sessions: shard s1: replica 10.0.0.1:6379",
                        "- pool sessions: shard s1: replica 10.0.0.2:6379");
        assertThat(warnings(TWO_SHARDS, promotion))
                .anyMatch(line -> line.contains("only the topology changes") && line.contains("REPLICAOF NO ONE"));
    }

    @Test
    void aPromotionDuringAHandoffIsAllowed() throws Exception {
        assertThat(lines(MOVING, new PromoteReplica("sessions", "s1", address("10.0.0.2:6379"))))
                .hasSize(3);
    }

    @Test
    void onlyAReplicaOfTheShardIsPromoted() throws Exception {
        assertThat(refusal(TWO_SHARDS, new PromoteReplica("sessions", "s1", FREE)))
                .isEqualTo("'10.0.1.1:6379' is no replica of shard 's1'; its replicas are: 10.0.0.2:6379");
        assertThat(refusal(TWO_SHARDS, new PromoteReplica("sessions", "s2", FREE)))
                .contains("it has none: add one");
        assertThat(lines(TWO_SHARDS, new PromoteReplica("sessions", "s1", address("10.0.0.1:6379"))))
                .isEmpty();
    }

    @Test
    void aCacheRingGrowsWithAWarning() throws Exception {
        AddRingServer change = new AddRingServer("pages", new Server("gamma", address("10.0.0.9:11211"), 1), false);

        assertThat(lines(TWO_SHARDS, change)).containsExactly("+ pool pages: server gamma at 10.0.0.9:11211, weight 1");
        assertThat(warnings(TWO_SHARDS, change))
                .singleElement()
                .asString()
                .containsPattern("pool pages: 3\\d\\.\\d % of the keys would be looked for at another server");
    }

    @Test
    void aRingWithRedisGrowsOnlyByForce() throws Exception {
        Server gamma = new Server("gamma", FREE, 1);

        assertThat(refusal(TWO_SHARDS, new AddRingServer("store", gamma, false)))
                .containsPattern("pool store: 3\\d\\.\\d % of the keys .* say force");
        assertThat(lines(TWO_SHARDS, new AddRingServer("store", gamma, true))).hasSize(1);
    }

    @Test
    void aRingHasEachServerOnce() {
        assertThat(refusal(TWO_SHARDS, new AddRingServer("pages", new Server("alpha", FREE, 1), false)))
                .contains("has alpha at 10.0.0.5:11211, weight 1 already");
        assertThat(refusal(
                        TWO_SHARDS, new AddRingServer("pages", new Server("new", address("10.0.0.5:11211"), 1), false)))
                .contains("has alpha at 10.0.0.5:11211");
    }

    @Test
    void aServerLeavesARingByNameOrAddress() throws Exception {
        assertThat(lines(TWO_SHARDS, new RemoveServer("pages", "alpha", false)))
                .isEqualTo(lines(TWO_SHARDS, new RemoveServer("pages", "10.0.0.5:11211", false)))
                .containsExactly("- pool pages: server alpha at 10.0.0.5:11211, weight 1");
        assertThat(refusal(TWO_SHARDS, new RemoveServer("pages", "alpa", false)))
                .isEqualTo("no server 'alpa' in pool 'pages'; did you mean 'alpha'?");
    }

    @Test
    void theLastServerOfARingStays() throws Exception {
        Topology one = new RemoveServer("store", "alpha", true).applyTo(TWO_SHARDS);

        assertThat(refusal(one, new RemoveServer("store", "beta", true)))
                .contains("is the last server of pool 'store'");
    }

    @Test
    void poolsAndServersMustFit() {
        assertThat(refusal(TWO_SHARDS, new AddRingServer("sessions", new Server("x", FREE, 1), true)))
                .contains("say which shard gets the server");
        assertThat(refusal(TWO_SHARDS, new AddReplica("pages", "s1", FREE))).contains("leave the shard out");
        assertThat(refusal(TWO_SHARDS, new RemoveServer("sessions", "10.9.9.9:1", false)))
                .contains("no shard of pool 'sessions' has a server '10.9.9.9:1'");
    }

    @Test
    void whatWouldLoseKeysIsNotDrained() {
        assertThat(refusal(TWO_SHARDS, new DrainServer("store", "beta", CACHE)))
                .contains("speaks redis; a window is for memcached");
        assertThat(refusal(TWO_SHARDS, new DrainServer("sessions", "10.0.0.1:6379", CACHE)))
                .contains("owns slots 0-8191 (8192)", "server promote");
        assertThat(refusal(TWO_SHARDS, new DrainServer("sessions", "10.0.0.2:6379", CACHE)))
                .contains("is a replica", "use 'server remove'");
        assertThat(refusal(TWO_SHARDS, new DrainServer("sessions", "10.0.0.4:6379", CACHE)))
                .contains("use 'shard remove s3'");
    }

    @Test
    void aServerOfTwoPoolsIsWarnedOf() throws Exception {
        assertThat(warnings(TWO_SHARDS, new AddReplica("sessions", "s1", address("10.0.0.7:6379"))))
                .anyMatch(line -> line.startsWith("10.0.0.7:6379 would serve pool sessions and pool store"));
    }
}
