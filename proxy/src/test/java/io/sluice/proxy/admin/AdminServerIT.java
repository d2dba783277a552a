package io.sluice.proxy.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.proxy.budget.ProcessBudget;
import io.sluice.proxy.config.ProxyConfig;
import io.sluice.proxy.faults.FaultBoard;
import io.sluice.proxy.health.HealthBoard;
import io.sluice.proxy.metrics.MetricBoard;
import io.sluice.proxy.metrics.MetricBoard.PoolNames;
import io.sluice.proxy.testing.AdminClient;
import io.sluice.proxy.testing.Counting;
import io.sluice.proxy.testing.Healths;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.routing.topology.Server;
import io.sluice.routing.topology.ServerAddress;
import io.sluice.testing.FreePorts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The bounds of those who look inside, at their limits. */
class AdminServerIT {

    private static final int MANY = 5_000;

    private final int port = FreePorts.next();
    private final AtomicLong nanos = new AtomicLong(1);

    @Test
    void aConnectionTooManyIsClosedAndOneThatEndsMakesRoom() throws Exception {
        AdminLimits two = new AdminLimits(2, Duration.ofSeconds(20), Duration.ofSeconds(20), 1 << 20);
        try (AdminServer server = new AdminServer(view(1, Runnable::run), two)) {
            server.serveHttp(address());
            try (Socket first = AdminClient.connect(port);
                    Socket second = AdminClient.connect(port);
                    Socket third = AdminClient.connect(port)) {
                assertThat(third.getInputStream().read()).isEqualTo(-1);
                assertThat(second.isConnected()).isTrue();
                first.shutdownOutput();

                await().atMost(Duration.ofSeconds(30)).until(this::isServed);
            }
        }
    }

    private boolean isServed() throws InterruptedException {
        try {
            return AdminClient.get(port, "/health").statusCode() == 200;
        } catch (IOException refused) {
            return false;
        }
    }

    @Test
    void aRequestThatDoesNotComeInTimeIsToldSo() throws Exception {
        AdminLimits quick = new AdminLimits(2, Duration.ofMillis(100), Duration.ofSeconds(20), 1 << 20);
        try (AdminServer server = new AdminServer(view(1, Runnable::run), quick)) {
            server.serveHttp(address());

            assertThat(AdminClient.exchange(port, "GET /health HTT")).startsWith("HTTP/1.1 408");
        }
    }

    /** The second reply would have to wait as well, and there is no room for both. */
    @Test
    void repliesThatNobodyTakesAreBoundedInBytesAndInTime() throws Exception {
        ProxyView many = view(MANY, Runnable::run);
        int bytes = new AdminPages(many, new LatencyWindow())
                .at("/metrics")
                .orElseThrow()
                .body()
                .length;
        assertThat(bytes).isGreaterThan(16 << 20); // more than socket buffers take
        AdminLimits limits = new AdminLimits(10, Duration.ofSeconds(20), Duration.ofSeconds(3), bytes * 3 / 2);
        try (AdminServer server = new AdminServer(many, limits)) {
            server.serveHttp(address());
            try (Socket slow = AdminClient.connect(port)) {
                slow.getOutputStream().write("GET /metrics HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                assertThat(slow.getInputStream().read()).isEqualTo('H');

                String second = AdminClient.exchange(port, "GET /metrics HTTP/1.1\r\n\r\n");

                assertThat(second).startsWith("HTTP/1.1 503");
                assertThat(AdminClient.get(port, "/health").statusCode()).isEqualTo(200);
                await().atMost(Duration.ofSeconds(20))
                        .until(() -> AdminClient.get(port, "/metrics").statusCode() == 200);
            }
        }
    }

    @Test
    void aStalledWorkerIsUnhealthy() throws Exception {
        try (AdminServer server = new AdminServer(view(1, task -> {}), AdminLimits.DEFAULTS)) {
            server.serveHttp(address());
            assertThat(AdminClient.get(port, "/health").statusCode()).isEqualTo(200);

            await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
                nanos.addAndGet(Duration.ofSeconds(6).toNanos());
                assertThat(AdminClient.get(port, "/health").statusCode()).isEqualTo(503);
                assertThat(AdminClient.get(port, "/health").body()).contains("stalled workers: 0");
            });
        }
    }

    /** A loop that is told to end while it runs a task leaves its channels open, if nobody else closes them. */
    @Test
    void whateverTheThreadDoesAtTheEndNothingStaysOpen() throws Exception {
        CountDownLatch busy = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(1);
        AdminServer server = new AdminServer(view(1, task -> keepBusy(busy, done)), AdminLimits.DEFAULTS);
        server.serveHttp(address());
        try (Socket half = AdminClient.connect(port)) {
            half.getOutputStream().write("GET /health HTT".getBytes(StandardCharsets.US_ASCII));
            assertThat(busy.await(30, TimeUnit.SECONDS)).isTrue();
            Thread closing = new Thread(server::close, "closing");
            closing.start();
            await().until(() -> closing.getState() == Thread.State.TIMED_WAITING);

            done.countDown();

            assertThat(half.getInputStream().read()).isEqualTo(-1);
            closing.join(30_000);
            try (ServerSocket again = new ServerSocket()) {
                again.setReuseAddress(true);
                again.bind(address());
                assertThat(again.isBound()).isTrue();
            }
        }
    }

    private static void keepBusy(CountDownLatch busy, CountDownLatch done) {
        busy.countDown();
        try {
            assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    private ProxyView view(int servers, Executor loop) {
        ProxyConfig config = RunningProxy.overPorts(1).config();
        List<String> names =
                IntStream.range(0, servers).mapToObj(i -> "server" + i).toList();
        MetricBoard board = Counting.board(1, new PoolNames("alpha", names));
        HealthBoard health = Healths.trusting(names.toArray(String[]::new));
        List<ServerView> served = IntStream.range(0, servers)
                .mapToObj(i -> new ServerView(
                        new Server(names.get(i), ServerAddress.tcp("127.0.0.1", 1), 1),
                        board.pool(0).server(i),
                        health.server(i)))
                .toList();
        PoolView pool = new PoolView(config.pools().get(0), 1, board.pool(0), health, served, List.of(), false);
        WorkerPulse pulse = new WorkerPulse(List.of(loop), nanos::get);
        return new ProxyView(
                () -> config,
                () -> ConfigStatus.first(Instant.EPOCH),
                board,
                new ProcessBudget(1 << 20, () -> false),
                () -> List.of(pool),
                pulse,
                () -> ServingPhase.READY,
                "nio",
                "test",
                Instant.now(),
                new FaultBoard(InstantSource.system(), nanos::get, (delay, task) -> {}),
                List::of,
                new ReloadRequests(),
                Optional::empty);
    }
}
