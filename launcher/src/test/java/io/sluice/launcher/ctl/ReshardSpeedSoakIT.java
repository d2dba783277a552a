package io.sluice.launcher.ctl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.testing.FreePorts;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * How fast a million keys of 100 bytes go from one server to another, beside {@code redis-cli --cluster reshard} between two
 * nodes of a cluster, with its own default of ten keys at a time and with more. To be run while nothing else does.
 */
@Tag("soak")
class ReshardSpeedSoakIT {

    private static final int KEYS = Integer.getInteger("sluice.soak.keys", 1_000_000);
    private static final String ALL = "0-16383";
    private static final Duration LONG = Duration.ofMinutes(4);
    private static final int CLIENTS = 4;
    private static final int NO_LIMIT = 10_000_000;

    @TempDir
    private Path folder;

    /** The default limit, one that leaves clients half of what they had even on two cores, and none to speak of. */
    @ParameterizedTest
    @ValueSource(ints = {50_000, 180_000, NO_LIMIT})
    void slotsMove(int keysPerSecond) throws Exception {
        try (MovingSlots cluster = MovingSlots.start(folder, 2, keysPerSecond);
                RespClient source = patient(cluster.server(0))) {
            cluster.ctl("slots move --from s1 --to s0 --slots 8192-16383 --watch --yes");
            cluster.awaitNothingOnItsWay();
            source.call("DEBUG", "POPULATE", String.valueOf(KEYS), "key", "100");
            try (Load load = new Load(cluster.ports())) {
                double before = load.perSecond(Duration.ofSeconds(3));
                long begin = System.nanoTime();
                load.restart();
                CtlRun run = cluster.ctl("slots move --from s0 --to s1 --slots " + ALL + " --yes");
                assertThat(run.exitCode()).as(run.err()).isZero();
                await("the target owns them")
                        .atMost(LONG)
                        .pollInterval(Duration.ofMillis(20))
                        .until(() ->
                                cluster.pool().shard("s0").orElseThrow().slots().isEmpty());
                double seconds = (System.nanoTime() - begin) / 1e9;
                double during = load.since();
                System.out.printf(
                        "FIGURE slots move, limit %d keys/s: %d keys in %.1f s, %.0f keys/s; clients %.0f requests/s before,"
                                + " %.0f during (%.0f %%)%n",
                        keysPerSecond, KEYS, seconds, KEYS / seconds, before, during, 100 * during / before);
                if (keysPerSecond < NO_LIMIT) {
                    assertThat(during).isGreaterThan(before / 2);
                }
            }
            await("it is over")
                    .atMost(LONG)
                    .until(() -> cluster.pool().handoffs().isEmpty());
        }
    }

    /** To fill it with a million keys takes a server seconds. */
    private static RespClient patient(RedisServer server) throws IOException {
        return new RespClient("127.0.0.1", server.port(), LONG);
    }

    /** Clients that read and write through the proxies as fast as they get answers. */
    private static final class Load implements AutoCloseable {

        private final AtomicBoolean stopped = new AtomicBoolean();
        private final LongAdder requests = new LongAdder();
        private long begin;

        Load(List<Integer> ports) {
            for (int i = 0; i < CLIENTS; i++) {
                int port = ports.get(i % ports.size());
                Random random = new Random(i);
                Thread thread = new Thread(() -> run(port, random), "load-" + i);
                thread.setDaemon(true);
                thread.start();
            }
        }

        private void run(int port, Random random) {
            try (RespClient client = new RespClient(port)) {
                while (!stopped.get()) {
                    String key = "key:" + random.nextInt(KEYS);
                    if (random.nextInt(4) == 0) {
                        client.call("SET", key, "x".repeat(100));
                    } else {
                        client.call("GET", key);
                    }
                    requests.increment();
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        void restart() {
            requests.reset();
            begin = System.nanoTime();
        }

        double since() {
            return requests.sum() * 1e9 / (System.nanoTime() - begin);
        }

        double perSecond(Duration time) {
            restart();
            await().atMost(LONG).until(() -> System.nanoTime() - begin > time.toNanos());
            restart();
            await().atMost(LONG).until(() -> System.nanoTime() - begin > time.toNanos());
            return since();
        }

        @Override
        public void close() {
            stopped.set(true);
        }
    }

    // ---- redis-cli

    @Test
    void redisCliReshards() throws Exception {
        for (int pipeline : new int[] {10, 100}) {
            try (RedisServer from = node();
                    RedisServer to = node()) {
                from.start();
                to.start();
                double seconds = reshard(from, to, pipeline);
                System.out.printf(
                        "FIGURE redis-cli --cluster reshard --cluster-pipeline %d: %d keys in %.1f s, %.0f keys/s%n",
                        pipeline, KEYS, seconds, KEYS / seconds);
            }
        }
    }

    private static RedisServer node() {
        return RedisServer.onFreePort()
                .withArguments(
                        "--cluster-enabled",
                        "yes",
                        "--cluster-port",
                        String.valueOf(FreePorts.next()),
                        "--enable-debug-command",
                        "yes");
    }

    private double reshard(RedisServer from, RedisServer to, int pipeline) throws IOException, InterruptedException {
        try (RespClient source = patient(from);
                RespClient target = patient(to)) {
            source.call("CLUSTER", "ADDSLOTSRANGE", "0", "16382");
            target.call("CLUSTER", "ADDSLOTS", "16383");
            List<?> port = Objects.requireNonNull((List<?>) target.call("CONFIG", "GET", "cluster-port"), "a port");
            String bus = String.valueOf(port.get(1));
            source.call("CLUSTER", "MEET", "127.0.0.1", String.valueOf(to.port()), bus);
            await("a cluster").atMost(LONG).until(() -> isOk(source) && isOk(target));
            source.call("DEBUG", "POPULATE", String.valueOf(KEYS), "key", "100");
            List<String> command = List.of(
                    "redis-cli",
                    "--cluster",
                    "reshard",
                    "127.0.0.1:" + from.port(),
                    "--cluster-from",
                    id(source),
                    "--cluster-to",
                    id(target),
                    "--cluster-slots",
                    "16383",
                    "--cluster-yes",
                    "--cluster-pipeline",
                    String.valueOf(pipeline));
            long begin = System.nanoTime();
            Process process = new ProcessBuilder(new ArrayList<>(command))
                    .redirectErrorStream(true)
                    .redirectOutput(new File(folder.toFile(), "reshard-" + pipeline + ".txt"))
                    .start();
            assertThat(process.waitFor(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
            double seconds = (System.nanoTime() - begin) / 1e9;
            assertThat((Long) target.call("DBSIZE")).isGreaterThan(KEYS * 99L / 100);
            return seconds;
        }
    }

    private static boolean isOk(RespClient node) throws IOException {
        return String.valueOf(node.call("CLUSTER", "INFO")).contains("cluster_state:ok");
    }

    private static String id(RespClient node) throws IOException {
        return String.valueOf(node.call("CLUSTER", "MYID"));
    }
}
