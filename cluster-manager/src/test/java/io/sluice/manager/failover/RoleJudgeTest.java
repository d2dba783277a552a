package io.sluice.manager.failover;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.manager.redis.ServerRole;
import io.sluice.routing.cluster.Shard;
import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.topology.ServerAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RoleJudgeTest {

    private static final ServerAddress A = ServerAddress.tcp("127.0.0.1", 1);
    private static final ServerAddress B = ServerAddress.tcp("127.0.0.1", 2);
    private static final ServerAddress C = ServerAddress.tcp("127.0.0.1", 3);
    private static final ServerRole PRIMARY = new ServerRole.Primary();
    private static final ServerRole SILENT = new ServerRole.Unknown("does not answer: Connection refused");

    private final Shard shard = new Shard("s1", A, List.of(B), SlotSet.EMPTY);
    private final Map<ServerAddress, ServerRole> roles = new HashMap<>();

    @Test
    void aPrimaryThatSaysSoStays() {
        roles.put(A, PRIMARY);
        roles.put(B, replicaOf(A));

        assertThat(judged()).isEqualTo(Verdict.FINE);
    }

    @Test
    void twoThatAgreeAreFollowed() {
        roles.put(A, replicaOf(B));
        roles.put(B, PRIMARY);

        assertThat(judged())
                .isInstanceOfSatisfying(
                        Verdict.Follow.class, follow -> assertThat(follow.to()).isEqualTo(B));
    }

    @Test
    void aServerIsKnownUnderItsOtherNameToo() {
        roles.put(A, replicaOf(ServerAddress.tcp("localhost", 2)));
        roles.put(B, PRIMARY);

        assertThat(judged())
                .isInstanceOfSatisfying(
                        Verdict.Follow.class, follow -> assertThat(follow.to()).isEqualTo(B));
    }

    @Test
    void aServerThatTheTopologyDoesNotKnowMayBeThePrimary() {
        roles.put(A, replicaOf(C));
        roles.put(C, PRIMARY);

        assertThat(judged())
                .isInstanceOfSatisfying(
                        Verdict.Follow.class, follow -> assertThat(follow.to()).isEqualTo(C));
    }

    @Test
    void aReplicaOfAReplicaLeadsNowhere() {
        roles.put(A, replicaOf(B));
        roles.put(B, replicaOf(A));

        assertThat(judged()).isInstanceOf(Verdict.Stay.class);
    }

    @Test
    void aSilentPrimaryIsNeverReplaced() {
        roles.put(A, SILENT);
        roles.put(B, replicaOf(A));

        assertThat(judged()).isEqualTo(new Verdict.Stay("the primary 127.0.0.1:1 does not answer: Connection refused"));
    }

    @Test
    void aSilentPrimaryIsNotReplacedByAServerThatCallsItselfOneEither() {
        roles.put(A, SILENT);
        roles.put(B, PRIMARY);

        assertThat(judged())
                .isInstanceOfSatisfying(
                        Verdict.Stay.class,
                        stay -> assertThat(stay.note())
                                .contains("127.0.0.1:2 says it is a primary: promote it if it is"));
    }

    @Test
    void ofTwoPrimariesTheKnownOneStays() {
        roles.put(A, PRIMARY);
        roles.put(B, PRIMARY);

        assertThat(judged())
                .isInstanceOfSatisfying(
                        Verdict.Stay.class, stay -> assertThat(stay.note()).startsWith("two primaries: "));
    }

    private Verdict judged() {
        return RoleJudge.judge(shard, KnownServers.of(shard), server -> roles.getOrDefault(server, SILENT));
    }

    private static ServerRole replicaOf(ServerAddress server) {
        return new ServerRole.Replica(server, "connected");
    }
}
