package io.sluice.launcher.ctl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.launcher.ctl.ProxyScene.Moment;
import io.sluice.testing.RespClient;
import io.sluice.testing.RespError;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A proxy fails in each way at each moment of a move. */
@Tag("soak")
class ProxyFaultsSoakIT {

    private static final Duration LEASE = Duration.ofSeconds(3);
    private static final Duration AFTER_LEASE = LEASE.plusMillis(500);

    /** Five requests of one client time out after 5 s each; then the proxy sends that server nothing a freeze must wait for. */
    private static final Duration UNTIL_EJECTED = Duration.ofMinutes(2);

    @TempDir
    private Path folder;

    private final long seed = Long.getLong("sluice.seed", System.nanoTime());

    private static void pause(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() - end < 0) {
            LockSupport.parkNanos(end - System.nanoTime());
        }
    }

    @Test
    void killedAndStartedAgainAtEachMoment() throws Exception {
        try (ProxyScene scene = ProxyScene.start(folder, seed)) {
            for (Moment moment : Moment.values()) {
                scene.beginMove(moment, scene.victim()::kill);
                scene.victim().start().awaitReady();
                scene.awaitEnd();
                assertThat(scene.cluster().applied()).containsOnlyKeys("proxy-0", "proxy-1");
                assertThat(ClusterCheck.problems(scene.cluster()))
                        .as("%s", moment)
                        .isEmpty();
            }
            scene.check("killed at " + Moment.values().length + " moments");
        }
    }

    @Test
    void stoppedForShortAndLongAtEachMomentWithWritesOutstanding() throws Exception {
        try (ProxyScene scene = ProxyScene.start(folder, seed)) {
            ProxyProcess victim = scene.victim();
            for (int i = 0; i < 2; i++) { // so that some are always on their way
                scene.cluster().wayTo(i).delay(Duration.ofMillis(1));
            }
            for (Moment moment : Moment.values()) {
                for (long millis : List.of(500L, 2_000L, 5_000L, 20_000L)) {
                    stopped(scene, moment, Duration.ofMillis(millis));
                }
            }
            double held = victim.metric("sluice_replies_held_total");
            double late = victim.metric("sluice_replies_relayed_late_total");
            double dropped = victim.metric("sluice_replies_dropped_total");
            System.out.printf("FIGURE stopped: held %.0f, relayed late %.0f, dropped %.0f%n", held, late, dropped);
            assertThat(late).isPositive();
            assertThat(dropped).isPositive();
            scene.check("stopped at " + Moment.values().length + " moments, 4 times each");
        }
    }

    private static void stopped(ProxyScene scene, Moment moment, Duration time) throws Exception {
        ProxyProcess victim = scene.victim();
        String key = "{" + ProxyScene.MOVING_KEY + "}:" + moment + ":" + time.toMillis();
        try (Outstanding writer = Outstanding.start(victim.port(), key)) {
            await().atMost(FaultyCluster.LIMIT).until(() -> writer.acknowledged() > 20);
            if (moment == Moment.COPYING) {
                scene.steps().holdCopy(true); // nothing is frozen meanwhile: replies are relayed, late ...
                scene.beginMove(moment, () -> {});
                scene.stopVictimWithRepliesOutstanding();
                scene.steps().holdCopy(time.toMillis() < 20_000); // ... but when it is over before they can be
            } else {
                scene.beginMove(moment, victim::stop);
            }
            pause(time);
            victim.resume();
            long before = writer.acknowledged();
            await().atMost(FaultyCluster.LIMIT).until(() -> writer.acknowledged() > before + 20);
            scene.steps().holdCopy(false);
            scene.awaitEnd();
            await().atMost(FaultyCluster.LIMIT).until(() -> writer.acknowledged() > before + 40);
            assertThat(writer.stopAndCheck(scene.other().port())).isEmpty();
            System.out.printf("FIGURE stopped at %s for %d ms: errors %s%n", moment, time.toMillis(), writer.errors());
            assertThat(writer.errors())
                    .allMatch(error -> error.startsWith("ERR outcome unknown") || error.startsWith("ERR Slot moving"));
        }
    }

    /** The source is slow to answer, and ZooKeeper is away for longer than the lease: then nobody knows what a reply is worth. */
    @Test
    void aReplyThatComesWithoutALeaseIsPassedOnOnceItIsCertainThatNothingWasFrozen() throws Exception {
        int times = 5;
        try (ProxyScene scene = ProxyScene.start(folder, seed)) {
            ProxyProcess victim = scene.victim();
            scene.steps().holdCopy(true);
            scene.beginMove(Moment.COPYING, () -> {});
            try (Outstanding writer = Outstanding.start(victim.port(), ProxyScene.MOVING_KEY)) {
                for (int i = 0; i < times; i++) {
                    long acknowledged = writer.acknowledged();
                    await().atMost(FaultyCluster.LIMIT).until(() -> writer.acknowledged() > acknowledged + 20);
                    passedOnLate(scene);
                }
                scene.steps().holdCopy(false);
                scene.awaitEnd();
                assertThat(writer.errors()).isEmpty();
                assertThat(writer.stopAndCheck(scene.other().port())).isEmpty();
            }
            assertThat(victim.metric("sluice_replies_dropped_total")).isZero();
            scene.check("replies held without a lease, " + times + " times");
        }
    }

    private static void passedOnLate(ProxyScene scene) throws Exception {
        ProxyProcess victim = scene.victim();
        double heldBefore = victim.metric("sluice_replies_held_total");
        double lateBefore = victim.metric("sluice_replies_relayed_late_total");
        scene.stopSourceWithRepliesOutstanding();
        victim.zooKeeper().cut();
        pause(AFTER_LEASE); // and not as long as the proxy waits for a server
        scene.cluster().server(scene.source()).resume();
        await("replies are held")
                .atMost(FaultyCluster.LIMIT)
                .until(() -> victim.metric("sluice_replies_held_total") >= heldBefore + Outstanding.WINDOW);
        assertThat(victim.metric("sluice_replies_relayed_late_total")).isEqualTo(lateBefore);
        victim.zooKeeper().heal();
        await("replies are passed on")
                .atMost(FaultyCluster.LIMIT)
                .until(() -> victim.metric("sluice_replies_relayed_late_total") >= lateBefore + Outstanding.WINDOW);
        System.out.printf(
                "FIGURE without a lease: held %.0f, relayed late %.0f%n",
                victim.metric("sluice_replies_held_total") - heldBefore,
                victim.metric("sluice_replies_relayed_late_total") - lateBefore);
    }

    @Test
    void cutOffFromZooKeeperAtEachMomentItServesOtherSlotsOnly() throws Exception {
        try (ProxyScene scene = ProxyScene.start(folder, seed)) {
            for (Moment moment : List.of(Moment.COPYING, Moment.FREEZING, Moment.FROZEN, Moment.SWITCHED)) {
                for (long millis : List.of(1_000L, 4_000L, 30_000L)) {
                    cutOff(scene, moment, Duration.ofMillis(millis));
                }
            }
            scene.check("cut off from ZooKeeper");
        }
    }

    private static void cutOff(ProxyScene scene, Moment moment, Duration time) throws Exception {
        ProxyProcess victim = scene.victim();
        String name = ":cut:" + moment + ":" + time.toMillis();
        try (Outstanding moving = Outstanding.start(victim.port(), "{" + ProxyScene.MOVING_KEY + "}" + name);
                Outstanding steady = Outstanding.start(victim.port(), "{" + ProxyScene.STEADY_KEY + "}" + name)) {
            await().atMost(FaultyCluster.LIMIT).until(() -> moving.acknowledged() > 20);
            scene.beginMove(moment, () -> victim.zooKeeper().cut());
            long begin = System.nanoTime();
            pause(time);
            long last = moving.lastReplyNanos();
            victim.zooKeeper().heal();
            assertThat(Duration.ofNanos(last - begin))
                    .as("the last reply in the moving slots, cut at %s for %s", moment, time)
                    .isLessThan(AFTER_LEASE);
            assertThat(Duration.ofNanos(System.nanoTime() - steady.lastReplyNanos()))
                    .isLessThan(Duration.ofSeconds(1));
            scene.awaitEnd();
            long before = moving.acknowledged();
            await().atMost(FaultyCluster.LIMIT).until(() -> moving.acknowledged() > before + 20);
            assertThat(moving.stopAndCheck(scene.other().port())).isEmpty();
            assertThat(steady.stopAndCheck(scene.other().port())).isEmpty();
            assertThat(steady.errors()).isEmpty();
            assertThat(moving.errors())
                    .allMatch(error -> error.startsWith("ERR outcome unknown") || error.startsWith("ERR Slot moving"));
        }
    }

    @Test
    void cutOffFromTheSourceInTheFreezeItAcknowledgesAllTheSame() throws Exception {
        try (ProxyScene scene = ProxyScene.start(folder, seed)) {
            ProxyProcess victim = scene.victim();
            for (boolean silent : List.of(false, true)) {
                int source = scene.source();
                scene.cluster().wayTo(source).delay(Duration.ofMillis(5)); // so that replies are awaited
                String key = "{" + ProxyScene.MOVING_KEY + "}:" + (silent ? "cut" : "refused");
                try (Outstanding writer = Outstanding.start(victim.port(), key)) {
                    await().atMost(FaultyCluster.LIMIT).until(() -> writer.acknowledged() > 20);
                    scene.beginMove(Moment.FREEZING, () -> {
                        if (silent) {
                            scene.cluster().wayTo(source).cut(victim.pid());
                        } else {
                            scene.cluster().wayTo(source).refuse(victim.pid());
                        }
                    });
                    scene.awaitEnd(UNTIL_EJECTED); // while it is still cut off
                    scene.cluster().wayTo(source).heal();
                    long before = writer.acknowledged();
                    await().atMost(FaultyCluster.LIMIT).until(() -> writer.acknowledged() > before + 20);
                    assertThat(writer.stopAndCheck(scene.other().port())).isEmpty();
                }
                awaitServing(victim, ProxyScene.MOVING_KEY);
                awaitServing(victim, ProxyScene.STEADY_KEY);
            }
            scene.check("cut off from the source in the freeze");
        }
    }

    /** A server that was ejected is back. */
    private static void awaitServing(ProxyProcess proxy, String key) throws IOException {
        try (RespClient client = proxy.connect()) {
            await().atMost(FaultyCluster.LIMIT).until(() -> !(client.call("GET", key) instanceof RespError));
        }
    }

    /** The process of a name that is started elsewhere, while the former one is cut off and has clients. */
    @Test
    void aProxyStartedElsewhereUnderTheSameNameIsCountedBesideTheFormerOne() throws Exception {
        try (ProxyScene scene = ProxyScene.start(folder, seed)) {
            FaultyCluster cluster = scene.cluster();
            ProxyProcess former = scene.victim();
            former.zooKeeper().cut();
            ProxyProcess next = cluster.addProxy("proxy-0", "elsewhere").awaitReady();
            assertThat(cluster.applied().keySet()).anyMatch(name -> name.startsWith("proxy-0.former-"));
            try (Outstanding writer = Outstanding.start(former.port(), ProxyScene.MOVING_KEY)) {
                scene.beginMove(Moment.COPYING, () -> {});
                pause(Duration.ofSeconds(8)); // longer than any lease
                assertThat(cluster.pool().handoffs().values()).allMatch(handoff -> handoff.attempt() == 0);
                assertThat(cluster.ctl("migrations").out()).contains("proxy-0.former-");

                former.zooKeeper().heal(); // it lives, and says so itself
                scene.awaitEnd();
                long before = writer.acknowledged();
                await().atMost(FaultyCluster.LIMIT).until(() -> writer.acknowledged() > before + 20);
                assertThat(writer.stopAndCheck(next.port())).isEmpty();
            }
            cluster.awaitAllFollow();
            String name = cluster.applied().keySet().stream()
                    .filter(each -> each.startsWith("proxy-0.former-"))
                    .findFirst()
                    .orElseThrow();

            former.kill(); // nobody can say so but an operator
            scene.beginMove(Moment.COPYING, () -> {});
            await("its session is over")
                    .atMost(FaultyCluster.LIMIT)
                    .until(() ->
                            cluster.ctl("proxies remove " + name + " --yes").exitCode() == CtlExit.OK);
            scene.awaitEnd();

            next.kill(); // its home says so
            next.start().awaitReady();
            assertThat(cluster.applied()).containsOnlyKeys("proxy-0", "proxy-1");
            former.start().awaitReady(); // for the check; now it is the other one that is set aside
            cluster.awaitAllFollow();
            scene.check("the same name twice");
        }
    }

    /** A proxy that was stopped in order is waited for by nobody, and must not serve by what it knew then. */
    @Test
    void aProxyThatLeftDoesNotServeWithoutZooKeeperAndOneThatDiedDoes() throws Exception {
        try (ProxyScene scene = ProxyScene.start(folder, seed)) {
            ProxyProcess victim = scene.victim();
            victim.end();
            victim.zooKeeper().refuse();
            victim.start();
            await().atMost(FaultyCluster.LIMIT).until(() -> !victim.isAlive());
            assertThat(victim.log()).contains("it left cluster 'main'", ".home");
            scene.beginMove(Moment.COPYING, () -> {}); // nobody waits for it
            scene.awaitEnd();
            victim.zooKeeper().heal();
            victim.start().awaitReady();
            scene.cluster().awaitAllFollow();

            victim.kill();
            victim.zooKeeper().refuse();
            victim.start().awaitReady();
            try (RespClient client = victim.connect()) {
                assertThat(client.call("GET", "still:1")).isEqualTo("value 1");
            }
            scene.beginMove(Moment.COPYING, () -> {});
            pause(AFTER_LEASE.multipliedBy(2));
            assertThat(scene.cluster().pool().handoffs().values()).allMatch(handoff -> handoff.attempt() == 0);
            victim.zooKeeper().heal();
            scene.awaitEnd();
            scene.check("stopped in order, and killed, and started without ZooKeeper");
        }
    }
}
