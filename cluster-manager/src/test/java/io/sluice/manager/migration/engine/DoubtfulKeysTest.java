package io.sluice.manager.migration.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class DoubtfulKeysTest {

    private static final byte[] KEY = RedisLink.ascii("k");

    private final DoubtfulKeys doubtful = new DoubtfulKeys();

    @Test
    void areSettledByWhatWasSentAfterTheDoubtAndNotByWhatWasSentBefore() throws CopyException {
        long before = doubtful.now();
        doubtful.add(0, KEY);
        long after = doubtful.now();

        doubtful.settle(0, KEY, before);
        assertThat(doubtful.contains(0, RedisLink.ascii("k"))).isTrue();
        doubtful.settle(1, KEY, after);
        assertThat(doubtful.contains(0, KEY)).isTrue();
        doubtful.settle(0, KEY, after);
        assertThat(doubtful.size()).isZero();
    }

    @Test
    void comeByDatabase() throws CopyException {
        doubtful.add(0, KEY);
        doubtful.add(3, KEY);
        doubtful.add(3, RedisLink.ascii("l"));

        var taken = doubtful.take();

        assertThat(taken.get(0)).hasSize(1);
        assertThat(taken.get(3)).hasSize(2);
        assertThat(doubtful.size()).isZero();
    }

    @Test
    void haveABound() throws CopyException {
        for (int i = 0; i < DoubtfulKeys.MOST; i++) {
            doubtful.add(0, RedisLink.ascii(i));
        }

        assertThatThrownBy(() -> doubtful.add(0, KEY))
                .isInstanceOf(CopyException.class)
                .hasMessageContaining("200000");
    }

    @Test
    void notificationsAreAddedToThoseThatAreOn() {
        assertThat(KeyspaceEvents.with("")).isEqualTo("Exe");
        assertThat(KeyspaceEvents.with("AKE")).isEqualTo("AKE");
        assertThat(KeyspaceEvents.with("AK")).isEqualTo("AKE");
        assertThat(KeyspaceEvents.with("Kx")).isEqualTo("KxEe");
    }
}
