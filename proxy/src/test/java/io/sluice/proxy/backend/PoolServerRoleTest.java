package io.sluice.proxy.backend;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.routing.topology.ServerAddress;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What is known of a server's role, by whoever asks. */
class PoolServerRoleTest {

    private final PoolServer server = new PoolServer("alpha", ServerAddress.tcp("10.0.0.1", 6379));

    @Test
    void isNoReplicaAtFirst() {
        assertThat(server.isReplica()).isFalse();
        assertThat(server.roleChanges()).isZero();
    }

    @Test
    void tellsOfADemotionOnce() {
        AtomicInteger told = new AtomicInteger();
        server.whenDemoted(told::incrementAndGet);

        boolean first = server.demoted(0);
        boolean second = server.demoted(0);

        assertThat(first).isTrue();
        assertThat(second).isFalse();
        assertThat(told).hasValue(1);
        assertThat(server.isReplica()).isTrue();
    }

    @Test
    void isAPrimaryAgainWhenWhoAskedAfterTheDemotionSaysSo() {
        server.demoted(0);

        int now = server.promoted(1);

        assertThat(now).isEqualTo(2);
        assertThat(server.isReplica()).isFalse();
    }

    @Test
    void staysAReplicaForAnAnswerToAnEarlierQuestion() {
        server.demoted(0);

        int now = server.promoted(0);

        assertThat(now).isEqualTo(1);
        assertThat(server.isReplica()).isTrue();
    }

    @Test
    void staysAPrimaryForAnAnswerToAnEarlierQuestion() {
        server.demoted(0);
        server.promoted(1);

        boolean news = server.demoted(0);

        assertThat(news).isFalse();
        assertThat(server.isReplica()).isFalse();
    }

    @Test
    void saysOnceThatItDoesNotTellItsRole() {
        assertThat(server.onRoleUnknown()).isTrue();
        assertThat(server.onRoleUnknown()).isFalse();
        assertThat(server.isRoleUnknown()).isTrue();
    }

    @Test
    void forgetsWhoDoesNotWantToBeTold() {
        AtomicInteger told = new AtomicInteger();
        Runnable listener = told::incrementAndGet;
        server.whenDemoted(listener);
        server.forgetWhenDemoted(listener);

        server.demoted(0);

        assertThat(told).hasValue(0);
    }
}
