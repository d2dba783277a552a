package io.sluice.manager.migration.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Copies of a size at which the figures say something; prints them. */
@Tag("soak")
class LargeCopySoakIT {

    private static final int KEYS = Integer.getInteger("sluice.soak.keys", 1_000_000);
    private static final int FIELDS = Integer.getInteger("sluice.soak.fields", 2_000_000);

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(EngineKind.class)
    void aMillionKeysOfAHundredBytes(EngineKind engine) throws IOException {
        try (TwoServers both = new TwoServers(folder);
                RespClient source = patient(both.source);
                RespClient target = patient(both.target);
                SlotCopy copy = both.copy(engine, TwoServers.FAST, KeyFilter.everything())) {
            source.call("DEBUG", "POPULATE", String.valueOf(KEYS), "key", "100");
            CpuTimes begin = CpuTimes.now(source, target);
            long start = System.nanoTime();
            copy.start();
            awaitCaughtUp(copy);
            double seconds = (System.nanoTime() - start) / 1e9;
            String cpu = CpuTimes.now(source, target).perKeySince(begin, KEYS);

            DrainResult drained = copy.drain(Duration.ofSeconds(30));

            long worst = copy.progress().worstPing().toMillis(); // what is asked below keeps the target busy
            assertThat(drained.failure()).isEmpty();
            assertThat(target.call("DBSIZE")).isEqualTo((long) KEYS);
            assertThat(target.call("DEBUG", "DIGEST")).isEqualTo(source.call("DEBUG", "DIGEST"));
            System.out.printf(
                    "FIGURE %s: %d keys in %.1f s, %.0f keys/s, drain %d ms, worst PING %d ms, %s%n",
                    engine, KEYS, seconds, KEYS / seconds, drained.took().toMillis(), worst, cpu);
        }
    }

    @ParameterizedTest
    @CsvSource({"STREAM"})
    void aHashOfTwoMillionFieldsThatIsWrittenAllTheTime(EngineKind engine) throws IOException, InterruptedException {
        try (TwoServers both = new TwoServers(folder);
                RespClient source = patient(both.source);
                RespClient target = patient(both.target);
                SlotCopy copy = both.copy(engine, TwoServers.FAST, KeyFilter.everything())) {
            TrackingCopyIT.hash(source, "h", FIELDS);
            AtomicBoolean stopped = new AtomicBoolean();
            Thread writer = new Thread(() -> write(both, stopped), "writer");
            writer.start();
            long start = System.nanoTime();
            copy.start();
            awaitCaughtUp(copy);
            double seconds = (System.nanoTime() - start) / 1e9;
            stopped.set(true);
            writer.join();

            DrainResult drained = copy.drain(Duration.ofSeconds(30));

            long worst = copy.progress().worstPing().toMillis(); // what is asked below keeps the target busy
            assertThat(drained.failure()).isEmpty();
            assertThat(target.call("DEBUG", "DIGEST")).isEqualTo(source.call("DEBUG", "DIGEST"));
            System.out.printf(
                    "FIGURE %s: hash of %d fields in %.1f s, drain %d ms, worst PING %d ms%n",
                    engine, FIELDS, seconds, drained.took().toMillis(), worst);
        }
    }

    private static void write(TwoServers both, AtomicBoolean stopped) {
        try (RespClient client = both.toSource()) {
            for (int i = 0; !stopped.get(); i = (i + 7919) % FIELDS) {
                client.call("HINCRBY", "h", "f" + i, "1");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What fills a server with a million keys takes seconds. */
    private static RespClient patient(RedisServer server) throws IOException {
        return new RespClient("127.0.0.1", server.port(), Duration.ofMinutes(2));
    }

    private static void awaitCaughtUp(SlotCopy copy) {
        Awaitility.await().atMost(Duration.ofMinutes(5)).until(() -> {
            assertThat(copy.progress().failure()).isEmpty();
            return copy.caughtUp();
        });
    }
}
