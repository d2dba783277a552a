package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.proxy.testing.Ensemble;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.proxy.testing.Seed;
import io.sluice.proxy.testing.SteadyLoad;
import io.sluice.proxy.topology.MemberStatus;
import io.sluice.proxy.topology.ZooKeeperSession.State;
import io.sluice.routing.cluster.Topology;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** ZooKeeper loses servers, its quorum, everything, or the sessions, under load: no client may notice. */
class ZooKeeperOutageIT {

    /** Once ZooKeeper is whole again, the newest topology is served by then. */
    private static final Duration HEALED = Duration.ofSeconds(30);

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Duration SOAK = Duration.ofSeconds(Long.getLong("sluice.soak.seconds", 200));
    private static final int PROXIES = 2;
    private static final long REPLIES_PER_STEP = 300;

    @RegisterExtension
    static final RedisServer a = RedisServer.onFreePort();

    @RegisterExtension
    static final RedisServer b = RedisServer.onFreePort();

    @TempDir
    private Path folder;

    private final List<RunningProxy> proxies = new ArrayList<>();
    private final SteadyLoad load = new SteadyLoad();
    private Ensemble ensemble;
    private long epoch;

    @BeforeEach
    void start() throws Exception {
        for (RedisServer server : List.of(a, b)) {
            try (RespClient client = server.connect()) {
                client.call("SET", "key", "value");
            }
        }
        ensemble = Ensemble.of(3);
        change();
        for (int i = 0; i < PROXIES; i++) {
            proxies.add(
                    RunningProxy.in(ensemble.membership("proxy-" + i, folder)).start());
        }
        awaitEpoch(SOON);
        proxies.forEach(this::ask);
        goOn();
    }

    private void ask(RunningProxy proxy) {
        load.client(proxy.port(), "value"::equals, "GET", "key");
        load.client(proxy.port(), reply -> reply instanceof Long, "INCR", "count");
    }

    @AfterEach
    void stop() throws Exception {
        load.stop();
        proxies.forEach(RunningProxy::close);
        ensemble.close();
    }

    /** Writes the next topology: the other server has all keys. */
    private void change() throws Exception {
        epoch++;
        Topology topology = Ensemble.allWith(epoch, (int) (epoch % 2), a.port(), b.port());
        ensemble.write(topology);
    }

    private void awaitEpoch(Duration limit) {
        await().atMost(limit)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> proxies.stream().allMatch(proxy -> status(proxy).applied() == epoch));
    }

    private static MemberStatus status(RunningProxy proxy) {
        return proxy.proxy().membership().orElseThrow();
    }

    private void awaitState(State state) {
        await().atMost(SOON)
                .until(() -> proxies.stream()
                        .allMatch(
                                proxy -> (status(proxy).zookeeper() == State.CONNECTED) == (state == State.CONNECTED)));
    }

    /** Clients are served at this moment. */
    private void goOn() {
        long before = load.replies();
        await().atMost(SOON).until(() -> load.replies() > before + REPLIES_PER_STEP);
    }

    private void assertNobodyNoticed(String what) throws Exception {
        load.stop();
        System.out.println("FIGURE " + what + ": replies=" + load.replies() + " failed="
                + load.troubles().size() + " longest=" + load.longestMillis() + "ms");
        assertThat(load.troubles()).isEmpty();
    }

    /** From the moment on at which ZooKeeper takes writes again. */
    private void assertHeals(String what) throws Exception {
        change(); // waits for a quorum
        long begin = System.nanoTime();
        awaitEpoch(HEALED);
        System.out.println("FIGURE " + what + ": current_after="
                + Duration.ofNanos(System.nanoTime() - begin).toMillis() + "ms");
    }

    private void expireAll() throws Exception {
        for (RunningProxy proxy : proxies) {
            ensemble.expire(proxy.proxy().seat().session().orElseThrow().curator());
        }
    }

    @Test
    void oneServerOfThreeDies() throws Exception {
        ensemble.stop(0);
        goOn();
        assertHeals("one of three stopped");
        goOn();

        assertNobodyNoticed("one of three stopped");
    }

    @Test
    void theQuorumIsLostThenEverything() throws Exception {
        ensemble.stop(0);
        ensemble.stop(1);
        awaitState(State.LOST);
        goOn();
        ensemble.stop(2);
        goOn();
        ensemble.restartAll();
        assertHeals("all stopped and started again");
        goOn();

        assertNobodyNoticed("quorum lost, then everything");
    }

    @Test
    void sessionsExpire() throws Exception {
        expireAll();
        assertHeals("sessions expired");
        await().atMost(SOON)
                .until(() -> ensemble.client().checkExists().forPath(Ensemble.PATHS.live("proxy-0")) != null);
        goOn();

        assertNobodyNoticed("sessions expired");
    }

    @Test
    void aProxyIsRestartedWhileThereIsNoZooKeeper() throws Exception {
        ensemble.stopAll();
        awaitState(State.LOST);
        goOn();
        RunningProxy first = proxies.get(0);
        load.stop();
        first.close();
        first.start();
        SteadyLoad after = new SteadyLoad().client(first.port(), "value"::equals, "GET", "key");
        await().atMost(SOON).until(() -> after.replies() > REPLIES_PER_STEP);

        assertThat(status(first).epoch()).isEqualTo(epoch);
        ensemble.restartAll();
        assertHeals("proxy started without ZooKeeper");
        await().atMost(HEALED).until(() -> ensemble.heartbeat("proxy-0").applied() == epoch);
        assertThat(after.stop().troubles()).isEmpty();
        assertNobodyNoticed("proxy started without ZooKeeper");
    }

    /** For minutes: any of it, again and again, while the topology goes on changing whenever it can. */
    @Test
    @Tag("soak")
    void anyOfItAgainAndAgain() throws Exception {
        SplittableRandom random = Seed.next("ZooKeeperOutageIT").random();
        int rounds = 0;
        for (long end = System.nanoTime() + SOAK.toNanos(); System.nanoTime() - end < 0; rounds++) {
            switch (random.nextInt(4)) {
                case 0 -> {
                    int one = random.nextInt(3);
                    ensemble.stop(one);
                    goOn();
                    assertHeals("soak, one of three stopped");
                    ensemble.restart(one);
                }
                case 1 -> {
                    ensemble.stop(0);
                    ensemble.stop(1);
                    goOn();
                    ensemble.restart(0);
                    ensemble.restart(1);
                }
                case 2 -> {
                    ensemble.stopAll();
                    goOn();
                    ensemble.restartAll();
                }
                default -> expireAll();
            }
            assertHeals("soak");
            goOn();
        }
        System.out.println("FIGURE soak: rounds=" + rounds);
        assertNobodyNoticed("soak");
    }
}
