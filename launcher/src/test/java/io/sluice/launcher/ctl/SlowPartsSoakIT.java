package io.sluice.launcher.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.launcher.ctl.ProxyScene.Moment;
import io.sluice.testing.RespClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One part is much slower than the others while slots move, and clients lose nothing: what the switch waits for, it waits
 * for. Where all is quick, these waits are over before anybody could notice that they are missing.
 */
@Tag("soak")
class SlowPartsSoakIT {

    private static final int MOVES = 3;

    /** Of each piece between a proxy and ZooKeeper: it hears of a freeze when a switch without it would be over. */
    private static final Duration LATE = Duration.ofMillis(100);

    /** How long the target carries out no write: longer than proxies need for a freeze, shorter than a freeze may last. */
    private static final Duration STANDSTILL = Duration.ofMillis(800);

    @TempDir
    private Path folder;

    private final long seed = Long.getLong("sluice.seed", System.nanoTime());

    @Test
    void aProxyThatHearsOfAFreezeLateWritesNothingThatIsLost() throws Exception {
        try (ProxyScene scene = ProxyScene.start(folder, seed)) {
            scene.victim().zooKeeper().delay(LATE);
            for (int i = 0; i < MOVES; i++) {
                scene.beginMove(Moment.SWITCHED, () -> {});
                scene.awaitEnd();
            }
            scene.check("a proxy that hears late, " + MOVES + " moves");
        }
    }

    @Test
    void aTargetThatWritesLateHasEverythingBeforeTheSwitch() throws Exception {
        try (ProxyScene scene = ProxyScene.start(folder, seed)) {
            for (int i = 0; i < MOVES; i++) {
                int target = 1 - scene.source();
                scene.beginMove(Moment.CAUGHT_UP, () -> stopWritesOf(scene, target));
                scene.awaitEnd();
            }
            scene.check("a target that writes late, " + MOVES + " moves");
        }
    }

    private static void stopWritesOf(ProxyScene scene, int server) {
        try (RespClient client = scene.cluster().server(server).connect()) {
            Object reply = client.call("CLIENT", "PAUSE", String.valueOf(STANDSTILL.toMillis()), "WRITE");
            assertThat(reply).isEqualTo("OK");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
