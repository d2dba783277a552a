package io.sluice.proxy;

import io.sluice.proxy.config.ProxyConfig.TransportPreference;
import io.sluice.proxy.testing.AtRest;
import io.sluice.proxy.testing.CheckingClient;
import io.sluice.proxy.testing.Crowd;
import io.sluice.proxy.testing.ErrorLog;
import io.sluice.proxy.testing.FuzzClient;
import io.sluice.proxy.testing.Heartbeat;
import io.sluice.proxy.testing.HostileServer;
import io.sluice.proxy.testing.HostileServer.Fault;
import io.sluice.proxy.testing.Keys;
import io.sluice.proxy.testing.PooledBuffers;
import io.sluice.proxy.testing.RespDialect;
import io.sluice.proxy.testing.RespPhrases;
import io.sluice.proxy.testing.RespTongue;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.proxy.testing.Seed;
import io.sluice.proxy.testing.Shards;
import io.sluice.proxy.testing.UnluckyClient;
import io.sluice.testing.RedisServer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Ten minutes of all at once: clients that send anything, a server that does everything wrong, and in between clients
 * that check every reply. {@code -Dsluice.soak.seconds=N} for each transport.
 */
@Tag("soak")
class FuzzSoakIT {

    private static final Duration TIME = Duration.ofSeconds(Long.getLong("sluice.soak.seconds", 200));
    private static final Duration FAULT_TIME = Duration.ofMillis(400);
    /** So long that the good servers keep it on a busy machine, too. */
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private static final Duration HARD_TIMEOUT = Duration.ofSeconds(8);
    private static final int EACH = 2;
    private static final int KEYS = 20;

    @RegisterExtension
    static final Shards good = Shards.of(RedisServer.onFreePort(), RedisServer.onFreePort());

    private final FuzzClient.Tally fuzzed = new FuzzClient.Tally();
    private final UnluckyClient.Tally unlucky = new UnluckyClient.Tally();
    private final AtomicLong checked = new AtomicLong();
    private final List<CheckingClient> checkers = new ArrayList<>();
    private final Heartbeat heartbeat = new Heartbeat();

    @ParameterizedTest
    @EnumSource(names = {"IO_URING", "EPOLL", "NIO"})
    void nobodyGetsWhatIsNotHisAndNothingIsLeft(TransportPreference transport) throws Exception {
        good.flush();
        Seed seed = Seed.next("FuzzSoakIT " + transport);
        SplittableRandom random = seed.random();
        PooledBuffers buffers = PooledBuffers.now();
        int faults = 0;
        try (ErrorLog errors = ErrorLog.listen(FuzzSoakIT.class);
                HostileServer bad = HostileServer.start(
                        new RespTongue(), random, TIMEOUT.multipliedBy(3).dividedBy(2))) {
            try (RunningProxy proxy = RunningProxy.overPorts(
                                    bad.port(),
                                    good.server(0).port(),
                                    good.server(1).port())
                            .timeout(TIMEOUT, HARD_TIMEOUT)
                            .transport(transport)
                            .workers(2)
                            .monitored()
                            .start();
                    Crowd crowd = new Crowd()) {
                addClients(crowd, random, proxy, bad);
                crowd.add("heartbeat", random, heartbeat);
                for (long end = System.nanoTime() + TIME.toNanos(); System.nanoTime() - end < 0; faults++) {
                    Fault[] all = Fault.values();
                    bad.become(all[random.nextInt(all.length)]);
                    crowd.work(FAULT_TIME, seed);
                    bad.mendItsWays();
                    HostileServerIT.awaitRecovery(proxy);
                    bad.settled();
                }
                crowd.finish(seed);
                AtRest.await(proxy, seed);
            }
            errors.assertEmpty();
        } finally {
            System.out.println("FIGURE soak, " + transport + ": faults=" + faults + " fuzz: " + fuzzed + "; unlucky: "
                    + unlucky + "; checked=" + checked + " slowest="
                    + checkers.stream().map(CheckingClient::slowest).toList() + "; " + heartbeat);
        }
        buffers.assertReturned();
    }

    private void addClients(Crowd crowd, SplittableRandom random, RunningProxy proxy, HostileServer bad)
            throws IOException {
        List<String> badKeys = Keys.ownedBy(0, proxy, EACH * KEYS);
        List<String> goodKeys = Keys.ownedBy(1, proxy, EACH * KEYS);
        List<String> checkedKeys = Keys.ownedBy(2, proxy, EACH * KEYS);
        for (int i = 0; i < EACH; i++) {
            int from = i * KEYS;
            int to = from + KEYS;
            List<String> its = badKeys.subList(from, to);
            List<String> beside = goodKeys.subList(from, to);
            crowd.add(
                    "unlucky" + i,
                    random,
                    new UnluckyClient(new RespPhrases(), "unlucky" + i, proxy.port(), its, beside, bad, unlucky));
            List<String> others = checkedKeys.subList(from, to);
            CheckingClient checker = new CheckingClient("checker" + i, proxy.port(), others, checked);
            checkers.add(checker);
            crowd.add("checker" + i, random, checker);
            crowd.add("fuzzer" + i, random, new FuzzClient(proxy.port(), RespDialect.withDefaults(), false, fuzzed));
        }
    }
}
