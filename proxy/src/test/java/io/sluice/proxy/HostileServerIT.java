package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.proxy.testing.AtRest;
import io.sluice.proxy.testing.CheckingClient;
import io.sluice.proxy.testing.Crowd;
import io.sluice.proxy.testing.ErrorLog;
import io.sluice.proxy.testing.HostileServer;
import io.sluice.proxy.testing.HostileServer.Fault;
import io.sluice.proxy.testing.Keys;
import io.sluice.proxy.testing.PooledBuffers;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.proxy.testing.Seed;
import io.sluice.proxy.testing.UnluckyClient;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A server that does everything wrong, beside a good one in the same pool. */
class HostileServerIT {

    private static final Duration TIME = Duration.ofMillis(300);
    /** So long that the good servers keep it on a busy machine, too. */
    private static final Duration TIMEOUT = Duration.ofSeconds(1);

    private static final Duration HARD_TIMEOUT = Duration.ofSeconds(2);
    private static final int UNLUCKY = 3;
    private static final int KEYS = 20;

    @RegisterExtension
    static final RedisServer good = RedisServer.onFreePort();

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void itsFaultsAreErrorsForItsOwnRequestsAndEndWithIt(Fault fault) throws Exception {
        Seed seed = Seed.next("HostileServerIT " + fault);
        SplittableRandom random = seed.random();
        try (RespClient client = good.connect()) {
            client.call("FLUSHALL");
        }
        PooledBuffers buffers = PooledBuffers.now();
        AtomicLong checked = new AtomicLong();
        UnluckyClient.Tally tally = new UnluckyClient.Tally();
        try (ErrorLog errors = ErrorLog.listen();
                HostileServer bad =
                        HostileServer.start(random, TIMEOUT.multipliedBy(3).dividedBy(2))) {
            try (RunningProxy proxy = RunningProxy.overPorts(bad.port(), good.port())
                            .timeout(TIMEOUT, HARD_TIMEOUT)
                            .workers(2)
                            .monitored()
                            .start();
                    Crowd crowd = new Crowd()) {
                addClients(crowd, random, proxy, bad, checked, tally);
                bad.become(fault);
                crowd.work(TIME, seed);
                bad.mendItsWays();
                awaitRecovery(proxy);
                bad.settled();
                crowd.work(TIME.dividedBy(4), seed);
                crowd.finish(seed);
                AtRest.await(proxy, seed);
            }
            errors.assertEmpty();
        }

        System.out.println("FIGURE server with " + fault + ": " + tally + " checked at the good one: " + checked);
        assertThat(checked.get()).isGreaterThan(100);
        assertThat(tally.replies.get()).isGreaterThan(20);
        buffers.assertReturned();
    }

    private static void addClients(
            Crowd crowd,
            SplittableRandom random,
            RunningProxy proxy,
            HostileServer bad,
            AtomicLong checked,
            UnluckyClient.Tally tally)
            throws IOException {
        List<String> goodKeys = Keys.ownedBy(1, proxy, (UNLUCKY + 1) * KEYS);
        List<String> badKeys = Keys.ownedBy(0, proxy, UNLUCKY * KEYS);
        for (int i = 0; i < UNLUCKY; i++) {
            List<String> its = badKeys.subList(i * KEYS, (i + 1) * KEYS);
            List<String> beside = goodKeys.subList(i * KEYS, (i + 1) * KEYS);
            String name = "unlucky" + i;
            crowd.add(name, random, new UnluckyClient(name, proxy.port(), its, beside, bad, tally));
        }
        List<String> last = goodKeys.subList(UNLUCKY * KEYS, (UNLUCKY + 1) * KEYS);
        crowd.add("checker", random, new CheckingClient("checker", proxy.port(), last, checked));
    }

    /** On both event loops, each of which has connections of its own. */
    static void awaitRecovery(RunningProxy proxy) {
        String key = Keys.ownedBy(0, proxy);
        await().atMost(Duration.ofSeconds(20)).ignoreExceptions().untilAsserted(() -> {
            for (int i = 0; i < 20; i++) {
                try (RespClient client = proxy.connect()) {
                    assertThat(client.call("GET", key)).isEqualTo("value of " + key);
                }
            }
        });
    }
}
