package io.sluice.proxy.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.testing.RunningProxy;
import io.sluice.routing.cluster.RingChange;
import io.sluice.routing.cluster.RingChange.Kind;
import io.sluice.routing.cluster.RingChangeState;
import io.sluice.routing.cluster.RingPool;
import io.sluice.routing.cluster.TwoRings;
import io.sluice.routing.topology.PoolProtocol;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class DrainedQueuesTest {

    private long now;
    private final DrainedQueues drained = new DrainedQueues(() -> now);

    private static byte[] key(Object name) {
        return String.valueOf(name).getBytes(StandardCharsets.ISO_8859_1);
    }

    private static TwoRings rings(RingChangeState state, long epoch) {
        RingPool ring =
                new RingPool(PoolProtocol.REDIS, RunningProxy.overPorts(1, 2).definition());
        RingChange begun = RingChange.begin(
                "r-1",
                Kind.BROKER,
                ring.definition().servers().subList(0, 1),
                1,
                Instant.EPOCH,
                RingChange.WINDOW,
                RingChange.BROKER_GRACE);
        return TwoRings.of(ring.withChange(begun.in(state, epoch, Instant.EPOCH)))
                .orElseThrow();
    }

    @Test
    void remembersAQueueForAWhile() {
        drained.add(key("q"));

        assertThat(drained.has(key("q"))).isTrue();
        assertThat(drained.has(key("p"))).isFalse();
        now = DrainedQueues.LONGEST.toNanos() - 1;
        assertThat(drained.has(key("q"))).isTrue();
        now++;
        assertThat(drained.has(key("q"))).isFalse();
    }

    @Test
    void forgetsTheOneLongestNotAskedForWhenThereAreTooMany() {
        for (int i = 0; i < DrainedQueues.MOST; i++) {
            drained.add(key(i));
        }
        assertThat(drained.has(key(0))).isTrue(); // which is asking for it

        drained.add(key("one more"));

        assertThat(drained.size()).isEqualTo(DrainedQueues.MOST);
        assertThat(drained.has(key(0))).isTrue();
        assertThat(drained.has(key(1))).isFalse();
        assertThat(drained.has(key("one more"))).isTrue();
    }

    @Test
    void doesNotRememberVeryLongKeys() {
        drained.add(key("q".repeat(DrainedQueues.MOST_KEY_BYTES)));
        drained.add(key("q".repeat(DrainedQueues.MOST_KEY_BYTES + 1)));

        assertThat(drained.size()).isEqualTo(1);
        assertThat(drained.has(key("q".repeat(DrainedQueues.MOST_KEY_BYTES + 1))))
                .isFalse();
    }

    @Test
    void forgetsAllInAnotherState() {
        drained.use(rings(RingChangeState.DRAINING, 3));
        drained.add(key("q"));

        drained.use(rings(RingChangeState.DRAINING, 4));
        assertThat(drained.has(key("q"))).isTrue();
        drained.use(rings(RingChangeState.PREPARE, 5));
        assertThat(drained.has(key("q"))).isFalse();
        drained.add(key("q"));
        drained.use(null);
        assertThat(drained.has(key("q"))).isFalse();
    }
}
