package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.proxy.testing.AtRest;
import io.sluice.proxy.testing.CachePhrases;
import io.sluice.proxy.testing.CacheTongue;
import io.sluice.proxy.testing.CheckingCacheClient;
import io.sluice.proxy.testing.CheckingClient;
import io.sluice.proxy.testing.Crowd;
import io.sluice.proxy.testing.ErrorLog;
import io.sluice.proxy.testing.HostileServer;
import io.sluice.proxy.testing.HostileServer.Fault;
import io.sluice.proxy.testing.Keys;
import io.sluice.proxy.testing.PooledBuffers;
import io.sluice.proxy.testing.RespPhrases;
import io.sluice.proxy.testing.RespTongue;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.proxy.testing.Seed;
import io.sluice.proxy.testing.UnluckyClient;
import io.sluice.testing.MemcachedServer;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import io.sluice.testing.TextClient;
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
    private static final Duration LATE = Duration.ofMillis(1_500);
    private static final int UNLUCKY = 3;
    private static final int KEYS = 20;

    @RegisterExtension
    static final RedisServer goodRedis = RedisServer.onFreePort();

    @RegisterExtension
    static final MemcachedServer goodCache = MemcachedServer.onFreePort();

    private final AtomicLong checked = new AtomicLong();
    private final UnluckyClient.Tally tally = new UnluckyClient.Tally();

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void redisFaultsAreErrorsForTheirOwnRequestsAndEndWithThem(Fault fault) throws Exception {
        Seed seed = Seed.next("HostileServerIT " + fault);
        SplittableRandom random = seed.random();
        try (RespClient client = goodRedis.connect()) {
            client.call("FLUSHALL");
        }
        PooledBuffers buffers = PooledBuffers.now();
        try (HostileServer bad = HostileServer.start(new RespTongue(), random, LATE);
                RunningProxy proxy = RunningProxy.overPorts(bad.port(), goodRedis.port());
                Crowd crowd = new Crowd()) {
            start(proxy);
            addUnlucky(new RespPhrases(), crowd, random, proxy, bad);
            List<String> keys =
                    Keys.ownedBy(1, proxy, UNLUCKY * KEYS + KEYS).subList(UNLUCKY * KEYS, UNLUCKY * KEYS + KEYS);
            crowd.add("checker", random, new CheckingClient("checker", proxy.port(), keys, checked));

            storm(fault, bad, crowd, proxy, seed, () -> awaitRecovery(proxy));
        }
        assertWorkDone(fault);
        buffers.assertReturned();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void memcachedFaultsAreErrorsForTheirOwnRequestsAndEndWithThem(Fault fault) throws Exception {
        Seed seed = Seed.next("HostileServerIT memcached " + fault);
        SplittableRandom random = seed.random();
        try (TextClient client = goodCache.connect()) {
            client.ask("flush_all");
        }
        PooledBuffers buffers = PooledBuffers.now();
        try (HostileServer bad = HostileServer.start(new CacheTongue(), random, LATE);
                RunningProxy proxy =
                        RunningProxy.overPorts(bad.port(), goodCache.port()).memcache();
                Crowd crowd = new Crowd()) {
            start(proxy);
            addUnlucky(new CachePhrases(), crowd, random, proxy, bad);
            List<String> keys =
                    Keys.ownedBy(1, proxy, UNLUCKY * KEYS + KEYS).subList(UNLUCKY * KEYS, UNLUCKY * KEYS + KEYS);
            crowd.add("checker", random, new CheckingCacheClient("checker", proxy.port(), keys, checked));

            storm(fault, bad, crowd, proxy, seed, () -> awaitCacheRecovery(proxy));
        }
        assertWorkDone(fault);
        buffers.assertReturned();
    }

    private static void start(RunningProxy proxy) throws ProxyStartException {
        proxy.timeout(TIMEOUT, HARD_TIMEOUT).workers(2).monitored().start();
    }

    private void addUnlucky(
            UnluckyClient.Phrases phrases,
            Crowd crowd,
            SplittableRandom random,
            RunningProxy proxy,
            HostileServer bad) {
        List<String> goodKeys = Keys.ownedBy(1, proxy, UNLUCKY * KEYS);
        List<String> badKeys = Keys.ownedBy(0, proxy, UNLUCKY * KEYS);
        for (int i = 0; i < UNLUCKY; i++) {
            List<String> its = badKeys.subList(i * KEYS, (i + 1) * KEYS);
            List<String> beside = goodKeys.subList(i * KEYS, (i + 1) * KEYS);
            String name = "unlucky" + i;
            crowd.add(name, random, new UnluckyClient(phrases, name, proxy.port(), its, beside, bad, tally));
        }
    }

    private void storm(
            Fault fault, HostileServer bad, Crowd crowd, RunningProxy proxy, Seed seed, Runnable awaitRecovery)
            throws InterruptedException {
        try (ErrorLog errors = ErrorLog.listen(HostileServerIT.class)) {
            bad.become(fault);
            crowd.work(TIME, this::enoughIsDone, seed);
            bad.mendItsWays();
            awaitRecovery.run();
            bad.settled();
            crowd.work(TIME.dividedBy(4), seed);
            crowd.finish(seed);
            AtRest.await(proxy, seed);
            errors.assertEmpty();
        }
    }

    private void assertWorkDone(Fault fault) {
        System.out.println("FIGURE server with " + fault + ": " + tally + " checked at the good one: " + checked);
        assertThat(enoughIsDone()).isTrue();
    }

    private boolean enoughIsDone() {
        return checked.get() > 100 && tally.replies.get() > 20;
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

    private static void awaitCacheRecovery(RunningProxy proxy) {
        String key = Keys.ownedBy(0, proxy);
        String value = "value of " + key;
        await().atMost(Duration.ofSeconds(20)).ignoreExceptions().untilAsserted(() -> {
            for (int i = 0; i < 20; i++) {
                try (TextClient client = new TextClient(proxy.port())) {
                    assertThat(client.ask("get " + key)).contains(value);
                }
            }
        });
    }
}
