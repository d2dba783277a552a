package io.sluice.routing.hash;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.testing.KeyText;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SlotHashTest {

    @ParameterizedTest
    @CsvSource({
        "a,                579, 15495",
        "foo,              289, 12182",
        "user:1001,        885, 5712",
        "123456789,        294, 12739",
        "x{user:1001}y,    885, 5712",
        "{foo}{a},         289, 12182",
        "'',               0,   0",
    })
    void givesTheSlotsOfBothSystems(String key, int codis, int redisCluster) {
        assertThat(slot(SlotHash.CODIS, key)).isEqualTo(codis);
        assertThat(slot(SlotHash.REDIS_CLUSTER, key)).isEqualTo(redisCluster);
    }

    @Test
    void anEmptyTagIsSlotZeroInCodisAndNoTagInRedisCluster() {
        byte[] key = KeyText.bytes("{}a");

        assertThat(slot(SlotHash.CODIS, "{}a")).isZero();
        assertThat(slot(SlotHash.REDIS_CLUSTER, "{}a")).isEqualTo(Crc.crc16(key, 0, key.length) & 0x3fff);
        assertThat(slot(SlotHash.REDIS_CLUSTER, "{}a")).isNotZero();
    }

    @Test
    void redisClustersChecksumHasSixteenBits() {
        byte[] key = KeyText.bytes("123456789");

        assertThat(SlotHash.REDIS_CLUSTER.hash(key, 0, key.length)).isEqualTo(0x31c3);
    }

    @Test
    void isFoundByTheNumberOfSlots() {
        assertThat(SlotHash.of(1024)).contains(SlotHash.CODIS);
        assertThat(SlotHash.of(16384)).contains(SlotHash.REDIS_CLUSTER);
        assertThat(SlotHash.of(0)).isEmpty();
        assertThat(SlotHash.of(4096)).isEmpty();
    }

    @Test
    void namesTheAlgorithmThatItStandsOn() {
        byte[] key = KeyText.bytes("caf\\xc3\\xa9:\\xff");
        for (SlotHash kind : SlotHash.values()) {
            assertThat(kind.slotOf(key, 0, key.length))
                    .isEqualTo(kind.slot(kind.algorithm().hash(key, 0, key.length)));
        }
    }

    private static int slot(SlotHash kind, String key) {
        byte[] bytes = KeyText.bytes(key);
        return kind.slotOf(bytes, 0, bytes.length);
    }
}
