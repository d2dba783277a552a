package io.sluice.launcher.ctl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.launcher.ctl.ProxyScene.Moment;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A proxy fails while slots move: two cases of the many in {@link ProxyFaultsSoakIT}. */
class ProxyFaultsIT {

    @TempDir
    private Path folder;

    @Test
    void aProxyThatIsKilledOrStoppedCostsOthersNothingButTime() throws Exception {
        try (ProxyScene scene = ProxyScene.start(folder, Long.getLong("sluice.seed", System.nanoTime()))) {
            ProxyProcess victim = scene.victim();

            scene.beginMove(Moment.FREEZING, victim::kill);
            victim.start().awaitReady();
            scene.awaitEnd();

            assertThat(scene.cluster().applied()).containsOnlyKeys("proxy-0", "proxy-1");
            try (Outstanding writer = Outstanding.start(victim.port(), ProxyScene.MOVING_KEY)) {
                await().atMost(FaultyCluster.LIMIT).until(() -> writer.acknowledged() > 100);
                scene.steps().holdCopy(true);
                scene.beginMove(Moment.COPYING, () -> {});
                scene.stopVictimWithRepliesOutstanding();
                scene.steps().holdCopy(false);
                scene.awaitEnd(); // without it, once its lease is over
                victim.resume();
                long before = writer.acknowledged();
                await().atMost(FaultyCluster.LIMIT).until(() -> writer.acknowledged() > before + 100);
                assertThat(victim.metric("sluice_replies_dropped_total")).isPositive();
                assertThat(writer.errors()).anyMatch(error -> error.startsWith("ERR outcome unknown"));
                assertThat(writer.stopAndCheck(scene.other().port())).isEmpty();
            }
            scene.check("a proxy killed, and stopped");
        }
    }
}
