package io.sluice.launcher.ctl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.manager.api.Answers.MigrationsAnswer;
import io.sluice.manager.api.Answers.RingAnswer;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A broker's drain that cannot go on: what people are told, and how they get out of it. Everything is real. */
class BrokerDrainAbortIT {

    private static final int KEYS = 20; // so many that some are on either server; fnv1a spreads them by how they begin

    @RegisterExtension
    static final RedisServer STAYS = RedisServer.onFreePort();

    @RegisterExtension
    static final RedisServer GOES = RedisServer.onFreePort();

    @TempDir
    private Path folder;

    private static List<RingAnswer> told(ChangingRing ring) {
        return Ctl.read(ring.ctl("migrations --json").out(), MigrationsAnswer.class)
                .rings();
    }

    @Test
    void keysThatAreNoListsAreToldAndTheDrainIsAbortedAtOnce() throws Exception {
        try (ChangingRing ring = ChangingRing.start(folder, "redis", List.of(STAYS.address(), GOES.address()));
                RespClient client = new RespClient(ring.ports().get(0))) {
            for (int i = 0; i < KEYS; i++) {
                assertThat(client.call("HSET", i + ":session", "user", "u")).isEqualTo(1L);
            }
            assertThat(ring.ctl("server drain n1 --pool pages --broker --yes").exitCode())
                    .isEqualTo(CtlExit.OK);
            await("what it waits for")
                    .atMost(ChangingRing.LIMIT)
                    .untilAsserted(() -> assertThat(told(ring))
                            .singleElement()
                            .extracting(RingAnswer::waitsFor)
                            .asString()
                            .contains("no list"));
            String id = told(ring).get(0).id();

            assertThat(ring.ctl("migrations").out())
                    .contains("prepare", "  waits: ", "(a hash on " + GOES.address() + ")", "or abort");
            CtlRun pause = ring.ctl("migrations pause " + id);
            assertThat(pause.exitCode()).isNotEqualTo(CtlExit.OK);
            assertThat(pause.err()).contains("is a change of a ring", "migrations abort " + id);
            assertThat(client.call("HGET", "0:session", "user"))
                    .as("nobody is harmed")
                    .isEqualTo("u");
            assertThat(ring.ctl("migrations abort " + id + " --yes").exitCode()).isEqualTo(CtlExit.OK);

            await("it is gone")
                    .atMost(ChangingRing.LIMIT)
                    .until(() -> told(ring).isEmpty());
            assertThat(ring.servers()).hasSize(2);
        }
    }
}
