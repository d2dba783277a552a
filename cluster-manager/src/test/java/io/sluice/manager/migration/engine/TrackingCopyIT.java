package io.sluice.manager.migration.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.manager.migration.engine.CopyFailure.Kind;
import io.sluice.testing.RespClient;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrackingCopyIT {

    @TempDir
    Path folder;

    @Test
    void stopsAtALargeKeyThatIsWrittenAllTheTimeAndNamesTheEngineForIt() throws IOException {
        try (TwoServers both = new TwoServers(folder);
                RespClient source = both.toSource();
                SlotCopy copy = both.copy(EngineKind.TRACK, TwoServers.FAST, KeyFilter.everything())) {
            hash(source, "secret-name", BigKeys.MOST_ELEMENTS + 1000);
            copy.start();
            Awaitility.await().atMost(TwoServers.PATIENCE).until(() -> {
                source.call("HINCRBY", "secret-name", "f1", "1");
                return copy.progress().state().isOver();
            });

            CopyFailure failure = copy.progress().failure().orElseThrow();
            assertThat(failure.kind()).isEqualTo(Kind.UNSUITABLE);
            assertThat(failure.message()).contains("stream engine").doesNotContain("secret-name");
        }
    }

    @Test
    void copiesALargeKeyThatIsLeftAlone() throws IOException {
        try (TwoServers both = new TwoServers(folder);
                RespClient source = both.toSource();
                RespClient target = both.toTarget();
                SlotCopy copy = both.copy(EngineKind.TRACK, TwoServers.FAST, KeyFilter.everything())) {
            hash(source, "h", BigKeys.MOST_ELEMENTS + 1000);
            copy.start();
            TwoServers.awaitCaughtUp(copy);

            assertThat(copy.drain(TwoServers.PATIENCE).isComplete()).isTrue();
            assertThat(target.call("HLEN", "h")).isEqualTo(BigKeys.MOST_ELEMENTS + 1000L);
        }
    }

    static void hash(RespClient client, String key, int fields) throws IOException {
        for (int from = 0; from < fields; from += 1000) {
            List<String> parts = new ArrayList<>(List.of("HSET", key));
            for (int i = from; i < from + 1000; i++) {
                parts.add("f" + i);
                parts.add("1");
            }
            client.call(parts.toArray(String[]::new));
        }
    }

    @Test
    void aDrainIsNotOverWhileClientsWrite() throws IOException {
        try (TwoServers both = new TwoServers(folder);
                RespClient source = both.toSource();
                RespClient target = both.toTarget();
                SlotCopy copy = both.copy(EngineKind.TRACK, TwoServers.FAST)) {
            source.call("SET", "k", "v");
            copy.start();
            TwoServers.awaitCaughtUp(copy);
            both.target.pause();
            source.call("SET", "{0}1", "v");
            source.call("SET", "{1}1", "v");

            DrainResult late = copy.drain(Duration.ofMillis(200));

            assertThat(late.failure().orElseThrow().kind()).isEqualTo(Kind.DEADLINE);
            assertThat(late.failure().orElseThrow().message()).contains("200 ms");
            both.target.resume();
            TwoServers.awaitCaughtUp(copy);
            assertThat(copy.drain(TwoServers.PATIENCE).isComplete()).isTrue();
            new ServerComparison(source, target).check(TwoServers.HALF, 1);
        }
    }
}
