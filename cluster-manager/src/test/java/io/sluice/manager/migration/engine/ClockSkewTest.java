package io.sluice.manager.migration.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ClockSkewTest {

    @Test
    void expiryIsNeverEarlierOnTheTarget() {
        assertThat(new ClockSkew(0, 0).onTarget(1000)).isEqualTo(1025);
        assertThat(new ClockSkew(1, 0).onTarget(1000)).isEqualTo(1026);
        assertThat(new ClockSkew(-1, 0).onTarget(1000)).isEqualTo(1025);
        assertThat(new ClockSkew(-1999, 0).onTarget(1000)).isEqualTo(1024);
        assertThat(new ClockSkew(150_000, 0).onTarget(1000)).isEqualTo(1175);
    }

    @Test
    void expiryIsLaterByWhatTheMeasurementMayBeWrong() {
        assertThat(new ClockSkew(0, 1).onTarget(1000)).isEqualTo(1026);
        assertThat(new ClockSkew(0, 7_000).onTarget(1000)).isEqualTo(1032);
        assertThat(new ClockSkew(-7_000, 7_000).onTarget(1000)).isEqualTo(1025);
    }

    @Test
    void noExpiryStaysNone() {
        assertThat(new ClockSkew(150_000, 0).onTarget(0)).isZero();
    }

    @Test
    void driftIsToldFromErrorsOfMeasurement() {
        ClockSkew first = new ClockSkew(10_000, 2_000);

        assertThat(new ClockSkew(32_000, 1_000).driftedFrom(first)).isFalse();
        assertThat(new ClockSkew(33_001, 1_000).driftedFrom(first)).isTrue();
        assertThat(new ClockSkew(-13_001, 1_000).driftedFrom(first)).isTrue();
    }

    @Test
    void infoIsReadByField() {
        InfoText info =
                InfoText.of("# Server\r\nredis_version:7.0.15\r\nx:\r\ndb0:keys=3,expires=1\r\ndb12:keys=4\r\n");

        assertThat(RedisVersion.of(info)).isEqualTo(new RedisVersion(7, 0));
        assertThat(info.databases()).containsExactly(0, 12);
        assertThat(info.keys()).isEqualTo(7);
        assertThat(info.text("none")).isEmpty();
        assertThat(info.number("x")).isEmpty();
    }

    @Test
    void replicasThatOnlyListenDoNotCount() {
        InfoText info = InfoText.of("""
                slave0:ip=127.0.0.1,port=0,state=online,offset=0
                slave1:ip=127.0.0.1,port=6380,state=online,offset=5
                slave2:ip=127.0.0.1,port=6381,state=wait_bgsave,offset=0
                """);

        assertThat(Replicas.online(info)).isEqualTo(1);
    }
}
