package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.config.ProxyConfig.TransportPreference;
import io.sluice.proxy.testing.AtRest;
import io.sluice.proxy.testing.CacheDialect;
import io.sluice.proxy.testing.CacheShards;
import io.sluice.proxy.testing.CheckingCacheClient;
import io.sluice.proxy.testing.CheckingClient;
import io.sluice.proxy.testing.Crowd;
import io.sluice.proxy.testing.ErrorLog;
import io.sluice.proxy.testing.FuzzClient;
import io.sluice.proxy.testing.PooledBuffers;
import io.sluice.proxy.testing.RespDialect;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.proxy.testing.Seed;
import io.sluice.proxy.testing.Shards;
import java.io.IOException;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Clients that send anything, beside clients that check every reply. {@code -Dsluice.seed=N} begins as another run did,
 * {@code -Dsluice.seconds=N} makes it longer.
 */
class ClientPortFuzzIT {

    private static final Duration TIME = Duration.ofSeconds(Long.getLong("sluice.seconds", 2));
    private static final int FUZZERS = 6;
    private static final int CHECKERS = 3;
    private static final int KEYS = 40;

    @RegisterExtension
    static final Shards shards = Shards.three();

    @RegisterExtension
    static final CacheShards caches = CacheShards.three();

    /** Makes a client that checks its replies. */
    private interface CheckerMaker {
        Crowd.Round make(String name, int port) throws Exception;
    }

    private final FuzzClient.Tally tally = new FuzzClient.Tally();
    private final AtomicLong checked = new AtomicLong();

    @ParameterizedTest
    @EnumSource(names = {"IO_URING", "EPOLL", "NIO"})
    void whateverRedisClientsSendTheOthersGetWhatIsTheirs(TransportPreference transport) throws Exception {
        shards.flush();

        fuzz(shards.proxy().transport(transport), RespDialect.withDefaults(), this::redisChecker);
    }

    @ParameterizedTest
    @EnumSource(names = {"IO_URING", "EPOLL", "NIO"})
    void whateverMemcachedClientsSendTheOthersGetWhatIsTheirs(TransportPreference transport) throws Exception {
        caches.flush();

        fuzz(caches.proxy().transport(transport), CacheDialect.withDefaults(), this::cacheChecker);
    }

    /** One stream at a time: should a server understand one of them otherwise than we do, it is known which. */
    @Test
    void afterEachStreamTheConnectionToTheServerIsInStep() throws Exception {
        try (RunningProxy redis =
                        RunningProxy.overPorts(shards.server(0).port()).start();
                RunningProxy cache = RunningProxy.overPorts(caches.server(0).port())
                        .memcache()
                        .start()) {
            assertInStep(redis.port(), RespDialect.withDefaults());
            assertInStep(cache.port(), CacheDialect.withDefaults());
        }
    }

    private void assertInStep(int port, FuzzClient.Dialect dialect) throws IOException {
        Seed seed = Seed.next("ClientPortFuzzIT.inStep");
        SplittableRandom random = seed.random();
        FuzzClient fuzzer = new FuzzClient(port, dialect, true, tally);
        long end = System.nanoTime() + TIME.toNanos() / 2;
        for (int round = 0; System.nanoTime() - end < 0; round++) {
            String stream = fuzzer.stream(random);
            try {
                fuzzer.sendAndListen(stream);
                fuzzer.assertInStep(round);
            } catch (IOException | AssertionError e) {
                throw new AssertionError(seed + " round " + round + ": " + e + " after " + stream, e);
            }
        }
    }

    private Crowd.Round redisChecker(String name, int port) throws IOException {
        return new CheckingClient(name, port, Shards.keys(name, KEYS), checked);
    }

    private Crowd.Round cacheChecker(String name, int port) throws IOException {
        return new CheckingCacheClient(name, port, Shards.keys(name, KEYS), checked);
    }

    private void fuzz(RunningProxy setUp, FuzzClient.Dialect dialect, CheckerMaker checkers) throws Exception {
        Seed seed = Seed.next("ClientPortFuzzIT");
        PooledBuffers buffers = PooledBuffers.now();
        try (ErrorLog errors = ErrorLog.listen(ClientPortFuzzIT.class)) {
            try (RunningProxy proxy = setUp.workers(2).monitored().start()) {
                runCrowd(proxy, seed, dialect, checkers);
                AtRest.await(proxy, seed);
            }
            errors.assertEmpty();
        }

        System.out.println("FIGURE fuzz on the client port: " + tally + " checked=" + checked);
        assertThat(enoughIsDone()).isTrue();
        buffers.assertReturned();
    }

    private boolean enoughIsDone() {
        return tally.clients.get() > 50 && tally.protocolErrors.get() > 10 && checked.get() > 500;
    }

    private void runCrowd(RunningProxy proxy, Seed seed, FuzzClient.Dialect dialect, CheckerMaker checkers)
            throws Exception {
        SplittableRandom random = seed.random();
        try (Crowd crowd = new Crowd()) {
            for (int i = 0; i < CHECKERS; i++) {
                crowd.add("checker" + i, random, checkers.make("checker" + i, proxy.port()));
            }
            for (int i = 0; i < FUZZERS; i++) {
                crowd.add("fuzzer" + i, random, new FuzzClient(proxy.port(), dialect, true, tally));
            }
            crowd.work(TIME, this::enoughIsDone, seed);
            crowd.finish(seed);
        }
    }
}
