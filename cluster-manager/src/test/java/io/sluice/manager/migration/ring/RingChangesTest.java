package io.sluice.manager.migration.ring;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.manager.redis.PoolLogins;
import io.sluice.manager.store.Cluster;
import io.sluice.manager.store.TopologyStore;
import io.sluice.manager.testing.MemoryCluster;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RingChangesTest {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final CountDownLatch reads = new CountDownLatch(1);
    private final CountDownLatch mayRead = new CountDownLatch(1);
    private volatile @Nullable Thread reader;

    @Test
    void whoIsHeldUpUntilTheNextTermHasBegunEndsAllTheSame() throws InterruptedException {
        RingChanges rings = new RingChanges(RingRules.DEFAULT, PoolLogins.NONE, 1000);
        Cluster cluster = new MemoryCluster().cluster();
        rings.begin(slow(cluster));
        reads.await();
        Thread.currentThread().interrupt(); // waits for nobody
        rings.end();
        assertThat(Thread.interrupted()).isTrue();
        rings.begin(cluster);
        try {
            mayRead.countDown();

            Awaitility.await("the thread of the former term ends")
                    .atMost(LIMIT)
                    .until(() -> reader != null && !reader.isAlive());
        } finally {
            rings.end();
        }
    }

    /** The same, where reading takes its time and minds no interrupt. */
    private Cluster slow(Cluster cluster) {
        TopologyStore topologies = (TopologyStore) Proxy.newProxyInstance(
                TopologyStore.class.getClassLoader(),
                new Class<?>[] {TopologyStore.class},
                (proxy, method, arguments) -> {
                    reader = Thread.currentThread();
                    reads.countDown();
                    awaitWhateverHappens();
                    return method.invoke(cluster.topologies(), arguments);
                });
        return new Cluster(
                cluster.name(),
                topologies,
                cluster.proxies(),
                cluster.orders(),
                cluster.connections(),
                cluster.history(),
                cluster.leadership());
    }

    private void awaitWhateverHappens() {
        while (mayRead.getCount() > 0) {
            try {
                mayRead.await();
            } catch (InterruptedException e) {
                // as a call that does not answer
            }
        }
    }
}
