package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.proxy.config.Ejection;
import io.sluice.proxy.testing.AdminClient;
import io.sluice.proxy.testing.Keys;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.proxy.testing.ScriptedServer;
import io.sluice.testing.FreePorts;
import io.sluice.testing.NutcrackerServer;
import io.sluice.testing.RespClient;
import io.sluice.testing.RespError;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * One of two servers fails 30 % of its requests. nutcracker leaves it out, takes it back by requests, leaves it out and so
 * on; behind the same keys of twemproxy's file, Sluice asks it first, and ever more seldom.
 */
class EjectionThrashIT {

    private static final int FAILING_PERCENT = 30;
    private static final int FAILURE_LIMIT = 2;
    private static final Duration EVERY = Duration.ofMillis(2);
    private static final Duration LOOK = Duration.ofMillis(50);
    private static final int KEYS = 500;

    @Test
    void forTenSeconds() throws Exception {
        compare(Duration.ofSeconds(10), Duration.ofMillis(250), 6);
    }

    @Test
    @Tag("soak")
    void forTwoMinutes() throws Exception {
        compare(Duration.ofMinutes(2), Duration.ofSeconds(1), 8);
    }

    private static void compare(Duration time, Duration retry, int mostEjections) throws Exception {
        try (ScriptedServer flakyHere = flaky();
                ScriptedServer flakyThere = flaky();
                ScriptedServer healthy = ScriptedServer.startForgetful(peer -> {}, ScriptedServer::sensibly);
                NutcrackerServer nutcracker = nutcracker(flakyThere.port(), healthy.port(), retry);
                RunningProxy proxy = RunningProxy.overPorts(flakyHere.port(), healthy.port())
                        .timeout(Duration.ofMillis(400), Duration.ofSeconds(10))
                        .ejection(new Ejection(true, FAILURE_LIMIT, retry))
                        .monitored()
                        .start()) {
            nutcracker.start();
            List<String> keys = new ArrayList<>(Keys.ownedBy(0, proxy, KEYS));
            keys.addAll(Keys.ownedBy(1, proxy, KEYS));
            ScheduledExecutorService clock = Executors.newScheduledThreadPool(2);
            Asker here = new Asker(proxy.port(), keys);
            Asker there = new Asker(nutcracker.ports().get(0), keys);
            clock.scheduleAtFixedRate(here, 0, EVERY.toNanos(), TimeUnit.NANOSECONDS);
            clock.scheduleAtFixedRate(there, 0, EVERY.toNanos(), TimeUnit.NANOSECONDS);

            List<Double> ejectedAt = ejectionsDuring(time, proxy);
            clock.shutdown();
            assertThat(clock.awaitTermination(30, TimeUnit.SECONDS)).isTrue();

            System.out.println(
                    "FIGURE ejection thrash in " + time.toSeconds() + "s: sluice " + here + ", " + ejectedAt.size()
                            + " ejections, seconds between them " + gaps(ejectedAt) + "; nutcracker " + there);
            assertThat(here.problem).isNull();
            assertThat(here.requests.get()).isGreaterThan(there.requests.get() / 2);
            assertThat(ejectedAt).hasSizeBetween(2, mostEjections);
            List<Double> gaps = gaps(ejectedAt);
            for (int i = 0; i < gaps.size(); i++) { // each time it stays out for twice as long
                assertThat(gaps.get(i)).isGreaterThanOrEqualTo(retry.toMillis() * Math.pow(2, i) / 1000);
            }
            assertThat(here.errors.get() * 10).isLessThan(there.errors.get());
        }
    }

    /** Closes the connection instead of answering, or says that it is in trouble; its probes fare no better. */
    private static ScriptedServer flaky() {
        SplittableRandom random = new SplittableRandom(4711);
        return ScriptedServer.startForgetful(peer -> {}, asked -> {
            int chance;
            synchronized (random) {
                chance = random.nextInt(100);
            }
            if (chance >= FAILING_PERCENT) {
                asked.replySensibly();
            } else if (chance % 2 == 0) {
                asked.from().reset();
            } else {
                asked.reply("-LOADING Redis is loading the dataset in memory\r\n");
            }
        });
    }

    private static NutcrackerServer nutcracker(int flaky, int healthy, Duration retry) {
        return NutcrackerServer.withConfig("alpha:\n"
                + "  listen: 127.0.0.1:" + FreePorts.next() + "\n"
                + "  hash: fnv1a_64\n  distribution: ketama\n  redis: true\n  timeout: 400\n"
                + "  auto_eject_hosts: true\n"
                + "  server_failure_limit: " + FAILURE_LIMIT + "\n"
                + "  server_retry_timeout: " + retry.toMillis() + "\n"
                + "  servers:\n"
                + "   - 127.0.0.1:" + flaky + ":1 server0\n"
                + "   - 127.0.0.1:" + healthy + ":1 server1\n");
    }

    /** When the flaky server was ejected, in seconds. */
    private static List<Double> ejectionsDuring(Duration time, RunningProxy proxy) {
        List<Double> times = new ArrayList<>();
        long end = System.nanoTime() + time.toNanos();
        await().atMost(time.plusSeconds(20)).pollInterval(LOOK).until(() -> {
            double at = AdminClient.metrics(proxy.adminPort())
                    .value("sluice_server_last_ejection_timestamp_seconds{pool=alpha, server=server0}");
            if (at > 0 && (times.isEmpty() || times.get(times.size() - 1) < at)) {
                times.add(at);
            }
            return System.nanoTime() >= end;
        });
        return times;
    }

    private static List<Double> gaps(List<Double> times) {
        List<Double> gaps = new ArrayList<>();
        for (int i = 1; i < times.size(); i++) {
            gaps.add(Math.round((times.get(i) - times.get(i - 1)) * 1000) / 1000.0);
        }
        return gaps;
    }

    /** One client that asks for one key after the other; connects again where it is turned away. */
    private static final class Asker implements Runnable {
        private final int port;
        private final List<String> keys;
        private final AtomicLong requests = new AtomicLong();
        private final AtomicLong errors = new AtomicLong();
        private volatile @Nullable Throwable problem;
        private @Nullable RespClient client;

        Asker(int port, List<String> keys) {
            this.port = port;
            this.keys = keys;
        }

        @Override
        public void run() {
            try {
                ask(keys.get((int) (requests.incrementAndGet() * 7 % keys.size())));
            } catch (IOException | AssertionError e) {
                errors.incrementAndGet();
                client = null;
                problem = e;
            }
        }

        private void ask(String key) throws IOException {
            RespClient open = client == null ? new RespClient(port) : client;
            client = open;
            Object reply = open.call("GET", key);
            if (reply instanceof RespError) {
                errors.incrementAndGet();
            } else {
                assertThat(reply).isEqualTo("value of " + key);
            }
        }

        @Override
        public String toString() {
            return errors + " errors of " + requests + " requests";
        }
    }
}
