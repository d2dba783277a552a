package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.PoolArenaMetric;
import io.netty.buffer.PooledByteBufAllocator;
import io.sluice.proxy.config.ProxyConfig.Limits;
import io.sluice.proxy.config.ProxyConfig.TransportPreference;
import io.sluice.proxy.protocol.resp.RespLimits;
import io.sluice.proxy.protocol.resp.RespProtocol;
import io.sluice.proxy.testing.CheckingClient;
import io.sluice.proxy.testing.Crowd;
import io.sluice.proxy.testing.ErrorLog;
import io.sluice.proxy.testing.FuzzClient;
import io.sluice.proxy.testing.RespDialect;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.proxy.testing.Seed;
import io.sluice.proxy.testing.Shards;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Clients that send anything, beside clients that check every reply. {@code -Dsluice.seed=N} begins as another run did,
 * {@code -Dsluice.seconds=N} makes it longer.
 */
class ClientPortFuzzIT {

    private static final Duration TIME = Duration.ofSeconds(Long.getLong("sluice.seconds", 4));
    private static final int FUZZERS = 6;
    private static final int CHECKERS = 3;
    private static final int KEYS = 40;

    @RegisterExtension
    static final Shards shards = Shards.three();

    @ParameterizedTest
    @EnumSource(names = {"IO_URING", "EPOLL", "NIO"})
    void whateverClientsSendTheOthersGetWhatIsTheirs(TransportPreference transport) throws Exception {
        shards.flush();
        Seed seed = Seed.next("ClientPortFuzzIT " + transport);
        FuzzClient.Tally tally = new FuzzClient.Tally();
        AtomicLong checked = new AtomicLong();
        long before = pooledBuffers();
        try (ErrorLog errors = ErrorLog.listen()) {
            try (RunningProxy proxy =
                    shards.proxy().transport(transport).workers(2).start()) {
                fuzz(proxy, seed, tally, checked);
                await().atMost(Duration.ofSeconds(10))
                        .untilAsserted(() -> assertThat(proxy.proxy().clients())
                                .as("%s: clients that are still there", seed)
                                .isZero());
            }
            errors.assertEmpty();
        }

        System.out.println("FIGURE fuzz on the client port, " + transport + ": " + tally + " checked=" + checked);
        assertThat(tally.clients.get()).isGreaterThan(50);
        assertThat(tally.protocolErrors.get()).isGreaterThan(10);
        assertThat(checked.get()).isGreaterThan(500);
        await().atMost(Duration.ofSeconds(5))
                .untilAsserted(() ->
                        assertThat(pooledBuffers()).as("direct memory in use").isLessThanOrEqualTo(before));
    }

    private static void fuzz(RunningProxy proxy, Seed seed, FuzzClient.Tally tally, AtomicLong checked)
            throws Exception {
        SplittableRandom random = seed.random();
        List<CheckingClient> checkers = new ArrayList<>();
        try (Crowd crowd = new Crowd()) {
            for (int i = 0; i < CHECKERS; i++) {
                String name = "checker" + i;
                CheckingClient checker = new CheckingClient(name, proxy.port(), Shards.keys(name, KEYS), checked);
                checkers.add(checker);
                crowd.add(name, random, checker);
            }
            for (int i = 0; i < FUZZERS; i++) {
                FuzzClient fuzzer = new FuzzClient(proxy.port(), new RespDialect(protocol()), true, tally);
                crowd.add("fuzzer" + i, random, fuzzer);
            }
            crowd.work(TIME, seed);
            crowd.finish(seed);
        } finally {
            for (CheckingClient checker : checkers) {
                checker.close();
            }
        }
    }

    private static RespProtocol protocol() {
        Limits limits = Limits.DEFAULTS;
        RespLimits respLimits =
                new RespLimits(limits.maxRequestBytes(), limits.maxArguments(), limits.maxInlineBytes());
        return new RespProtocol(respLimits, null, 0, InstantSource.system());
    }

    /** Those in the caches of threads that live are in use as well; the proxy's threads are gone when this is asked. */
    private static long pooledBuffers() {
        return PooledByteBufAllocator.DEFAULT.metric().directArenas().stream()
                .mapToLong(PoolArenaMetric::numActiveAllocations)
                .sum();
    }
}
