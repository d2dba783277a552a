package io.sluice.manager.failover;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.manager.redis.ServerRole;
import io.sluice.routing.topology.ServerAddress;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class SentinelJudgeTest {

    private static final ServerAddress A = ServerAddress.tcp("a", 1);
    private static final ServerAddress B = ServerAddress.tcp("b", 2);
    private static final ServerAddress C = ServerAddress.tcp("c", 3);
    private static final ServerRole PRIMARY = new ServerRole.Primary();
    private static final ServerRole SILENT = new ServerRole.Unknown("does not answer");

    private final Map<ServerAddress, ServerRole> roles = new HashMap<>();
    private long nanos;
    private final SentinelJudge judge = new SentinelJudge(2, () -> nanos);

    @Test
    void nothingChangesWhileSentinelsNameThePrimary() {
        assertThat(judged(A, view(4, A), view(4, A), view(4, A))).isEqualTo(Verdict.FINE);
    }

    @Test
    void oneSentinelIsEnoughForANewerEpochIfTheServerSaysItIsAPrimary() {
        judged(A, view(4, A), view(4, A), view(4, A));
        roles.put(A, PRIMARY);
        roles.put(B, PRIMARY);

        assertThat(follows(judged(A, view(4, A), view(5, B), view(4, A)))).isEqualTo(B);
    }

    @Test
    void aQuorumIsNeededForANewerEpochIfTheServerCannotBeReached() {
        judged(A, view(4, A), view(4, A), view(4, A));
        roles.put(B, SILENT);

        assertThat(judged(A, view(4, A), view(5, B))).isInstanceOf(Verdict.Stay.class);
        assertThat(follows(judged(A, view(4, A), view(5, B), view(5, B)))).isEqualTo(B);
    }

    @Test
    void aServerThatSaysItIsAReplicaIsNeverFollowed() {
        judged(A, view(4, A), view(4, A));
        roles.put(B, new ServerRole.Replica(A, "connected"));

        assertThat(judged(A, view(5, B), view(5, B), view(5, B))).isInstanceOf(Verdict.Stay.class);
    }

    @Test
    void anOldViewOfAMinorityNeverWinsAgainstANewerOne() {
        judged(B, view(5, B), view(5, B));
        roles.put(A, PRIMARY);
        roles.put(B, SILENT);

        for (int round = 0; round < 10; round++) {
            assertThat(judged(B, view(4, A))).isInstanceOf(Verdict.Stay.class);
            nanos += SentinelJudge.SETTLE.toNanos();
        }
        assertThat(judged(B, view(4, A), view(5, B))).isEqualTo(Verdict.FINE);
    }

    @Test
    void aMajorityThatHasNotHeardYetWinsNeither() {
        judged(B, view(5, B));
        roles.put(A, PRIMARY);

        assertThat(judged(B, view(4, A), view(4, A), view(5, B))).isEqualTo(Verdict.FINE);
        assertThat(judged(B, view(4, A), view(4, A))).isInstanceOf(Verdict.Stay.class);
    }

    @Test
    void aMinorityIsNotBelievedByAManagerThatHasJustBegun() {
        roles.put(A, PRIMARY);
        roles.put(B, SILENT);

        assertThat(judged(B, view(4, A))).isInstanceOf(Verdict.Stay.class);
    }

    @Test
    void aFailoverBeforeTheManagerBeganIsFollowedAtOnceIfTheOldPrimaryIsNone() {
        roles.put(A, SILENT);
        roles.put(B, PRIMARY);

        assertThat(follows(judged(A, view(5, B), view(5, B)))).isEqualTo(B);
    }

    @Test
    void twoPrimariesInTheFirstViewsAreFollowedOnlyIfThatStays() {
        roles.put(A, PRIMARY);
        roles.put(B, PRIMARY);

        assertThat(judged(A, view(5, B), view(5, B))).isInstanceOf(Verdict.Stay.class);
        nanos += SentinelJudge.SETTLE.toNanos() - 1;
        assertThat(judged(A, view(5, B), view(5, B))).isInstanceOf(Verdict.Stay.class);
        nanos += 1;
        assertThat(follows(judged(A, view(5, B), view(5, B)))).isEqualTo(B);
    }

    @Test
    void theWaitBeginsAnewWhenSentinelsSaySomethingElseMeanwhile() {
        roles.put(A, PRIMARY);
        roles.put(B, PRIMARY);
        judged(A, view(5, B), view(5, B));
        nanos += SentinelJudge.SETTLE.toNanos();
        judged(A, view(5, A), view(5, A));

        assertThat(judged(A, view(5, B), view(5, B))).isInstanceOf(Verdict.Stay.class);
    }

    @Test
    void theWaitBeginsAnewWhenSentinelsWereSilentOrTooFewMeanwhile() {
        roles.put(A, PRIMARY);
        roles.put(B, PRIMARY);
        judged(A, view(5, B), view(5, B));
        nanos += SentinelJudge.SETTLE.toNanos();
        judged(A);

        assertThat(judged(A, view(5, B), view(5, B))).isInstanceOf(Verdict.Stay.class);
        nanos += SentinelJudge.SETTLE.toNanos();
        judged(A, view(5, B));
        assertThat(judged(A, view(5, B), view(5, B))).isInstanceOf(Verdict.Stay.class);
        nanos += SentinelJudge.SETTLE.toNanos();
        assertThat(follows(judged(A, view(5, B), view(5, B)))).isEqualTo(B);
    }

    @Test
    void epochsThatWereStartedAnewAreBelievedOnceTheyStay() {
        judged(A, view(7, A), view(7, A));
        roles.put(B, PRIMARY);

        assertThat(judged(A, view(0, B), view(0, B))).isInstanceOf(Verdict.Stay.class);
        nanos += SentinelJudge.SETTLE.toNanos();
        assertThat(follows(judged(A, view(0, B), view(0, B)))).isEqualTo(B);
        assertThat(judged(B, view(0, B), view(0, B))).isEqualTo(Verdict.FINE);
        roles.put(C, PRIMARY);
        assertThat(follows(judged(B, view(1, C)))).isEqualTo(C);
    }

    @Test
    void sentinelsThatDifferAtOneEpochAreNotBelieved() {
        judged(A, view(4, A));
        roles.put(B, PRIMARY);
        roles.put(C, PRIMARY);

        Verdict verdict = judged(A, view(5, B), view(5, C));

        assertThat(verdict)
                .isEqualTo(new Verdict.Stay("sentinels name different primaries at the same epoch: b:2, c:3"));
    }

    @Test
    void aChangeThatCouldNotBeWrittenIsStillNewTheNextTime() {
        judged(A, view(4, A));
        roles.put(B, PRIMARY);

        assertThat(follows(judged(A, view(5, B)))).isEqualTo(B);
        assertThat(follows(judged(A, view(5, B)))).isEqualTo(B);
    }

    @Test
    void silentSentinelsChangeNothing() {
        assertThat(judged(A)).isEqualTo(new Verdict.Stay("no sentinel answers"));
    }

    private Verdict judged(ServerAddress primary, SentinelView... views) {
        return judge.judge(
                primary, Arrays.asList(views), UnaryOperator.identity(), server -> roles.getOrDefault(server, SILENT));
    }

    private static SentinelView view(long epoch, ServerAddress primary) {
        return new SentinelView(epoch, primary);
    }

    private static ServerAddress follows(Verdict verdict) {
        assertThat(verdict).isInstanceOf(Verdict.Follow.class);
        return ((Verdict.Follow) verdict).to();
    }
}
