package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.proxy.budget.BudgetFigure;
import io.sluice.proxy.budget.ProcessBudget;
import io.sluice.proxy.config.Ejection;
import io.sluice.proxy.config.ProxyConfig.Limits;
import io.sluice.proxy.testing.DeafClient;
import io.sluice.proxy.testing.Keys;
import io.sluice.proxy.testing.Latencies;
import io.sluice.proxy.testing.RawClient;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.proxy.testing.StutteringServer;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Clients that want more than they take, over real servers: memory stays bounded, and nobody else notices. */
class BudgetsIT {

    private static final int MIB = 1 << 20;
    /** What a build machine with other work adds to a percentile of a few seconds. */
    private static final long NOISE_NANOS = 5_000_000;

    private static final String VALUE = "$5\r\nvalue\r\n";
    private static final Duration LONG = Duration.ofSeconds(30);

    @RegisterExtension
    static final RedisServer first = RedisServer.onFreePort();

    @RegisterExtension
    static final RedisServer second = RedisServer.onFreePort();

    private final RunningProxy proxy = RunningProxy.overPorts(first.port(), second.port());
    private final List<DeafClient> deaf = new ArrayList<>();

    @AfterEach
    void stop() throws IOException {
        for (DeafClient client : deaf) {
            client.close();
        }
        proxy.close();
    }

    // ---- clients that do not read

    @Test
    void fortyDeafClientsStayInTheBudgetAndGetAllOnceTheyRead() throws Exception {
        deafClientsStayInTheBudget(40, 20, 20, Duration.ofSeconds(3), 48L * MIB);
    }

    /** The same at full size, of which 20 replies each are read; the budget is the default, 60 % of 512 MB. */
    @Test
    @Tag("soak")
    void twoHundredDeafClientsStayInTheBudgetAndGetRepliesOnceTheyRead() throws Exception {
        deafClientsStayInTheBudget(200, 1000, 20, Duration.ofSeconds(20), 0);
    }

    private void deafClientsStayInTheBudget(int clients, int requests, int read, Duration watched, long budgetBytes)
            throws Exception {
        proxy.workers(2).limits(withProcess(budgetBytes)).start();
        String large = Keys.ownedBy(0, proxy);
        String small = Keys.ownedBy(1, proxy);
        try (RespClient other = proxy.connect()) {
            assertThat(other.call("SET", large, "v".repeat(MIB))).isEqualTo("OK");
            assertThat(other.call("SET", small, "small")).isEqualTo("OK");
            Latencies.ofGets(other, small, 20_000); // compiled
            Latencies before = Latencies.ofGets(other, small, 20_000);

            long mostHeld = 0;
            for (int i = 0; i < clients; i++) {
                deaf.add(DeafClient.asking(proxy.port(), large, requests));
            }
            Latencies during = new Latencies();
            long end = System.nanoTime() + watched.toNanos();
            while (System.nanoTime() < end) {
                during.addGets(other, small, 100);
                mostHeld = Math.max(mostHeld, budget().usedBytes());
            }

            System.out.println("FIGURE " + clients + " deaf clients: held at most " + mostHeld / MIB + " MiB of "
                    + budget().maxBytes() / MIB + "; another client before " + before + ", during " + during + "; "
                    + figures());
            assertThat(mostHeld).isLessThanOrEqualTo(budget().maxBytes());
            assertThat(during.percentile(99)).isLessThan(before.percentile(99) * 2 + NOISE_NANOS);
            assertThat(budget().sum(BudgetFigure.EVICTIONS)).isZero();
            assertThat(proxy.proxy().clients()).isEqualTo(clients + 1);
        }
        DeafClient.read(deaf, read, MIB);
        assertThat(budget().sum(BudgetFigure.EVICTIONS)).isZero();
        assertThat(budget().sum(BudgetFigure.CLIENTS_OVER_BOUND)).isZero();
        assertNothingIsHeldAtTheEnd();
    }

    /** What is held when clients are gone: nothing, whatever they asked for. */
    private void assertNothingIsHeldAtTheEnd() throws IOException {
        for (DeafClient client : deaf) {
            client.close();
        }
        deaf.clear();
        await().atMost(LONG)
                .until(() -> budget().usedBytes() == 0 && proxy.proxy().clients() == 0);
        assertThat(budget().sum(BudgetFigure.EXPECTED_BYTES)).isZero();
    }

    @Test
    void deafClientsThatLeaveHalfwayLeaveNothingBehind() throws Exception {
        proxy.start();
        String large = Keys.ownedBy(0, proxy);
        try (RespClient other = proxy.connect()) {
            assertThat(other.call("SET", large, "v".repeat(MIB))).isEqualTo("OK");
        }
        for (int i = 0; i < 20; i++) {
            deaf.add(DeafClient.asking(proxy.port(), large, 100));
        }
        await().atMost(LONG).until(() -> budget().sum(BudgetFigure.CLIENT_PAUSES) >= 20);

        assertNothingIsHeldAtTheEnd();
    }

    @Test
    void whoIsOverItsBoundIsClosedAndNobodyElse() throws Exception {
        proxy.limits(withClientMax(4 * MIB)).start();
        String large = Keys.ownedBy(0, proxy);
        try (RespClient other = proxy.connect()) {
            assertThat(other.call("SET", large, "v".repeat(32 * MIB))).isEqualTo("OK");

            deaf.add(DeafClient.asking(proxy.port(), large, 3));

            await().atMost(LONG).until(() -> budget().sum(BudgetFigure.CLIENTS_OVER_BOUND) == 1);
            await().atMost(LONG).until(() -> proxy.proxy().clients() == 1);
            assertThat(other.call("PING")).isEqualTo("PONG");
        }
        assertNothingIsHeldAtTheEnd();
    }

    /** Their replies are too large for their number: the biggest go, and the small ones do not notice. */
    @Test
    void aboveTheBudgetTheBiggestAreClosed() throws Exception {
        proxy.limits(withProcess(24L * MIB)).start();
        String large = Keys.ownedBy(0, proxy);
        String small = Keys.ownedBy(1, proxy);
        try (RespClient other = proxy.connect()) {
            assertThat(other.call("SET", large, "v".repeat(16 * MIB))).isEqualTo("OK");
            assertThat(other.call("SET", small, "small")).isEqualTo("OK");

            for (int i = 0; i < 8; i++) {
                deaf.add(DeafClient.asking(proxy.port(), large, 2));
            }
            await().atMost(LONG).until(() -> budget().sum(BudgetFigure.EVICTIONS) > 0);

            for (int i = 0; i < 1000; i++) {
                assertThat(other.call("GET", small)).isEqualTo("small");
            }
            await().atMost(LONG).until(() -> budget().usedBytes() <= budget().maxBytes());
            System.out.println("FIGURE evictions of 8 clients with 16 MiB each in a budget of 24: " + figures());
            assertThat(budget().sum(BudgetFigure.EVICTIONS)).isBetween(1L, 8L);
        }
        assertNothingIsHeldAtTheEnd();
    }

    @Test
    void splitRepliesThatAreGatheredAreCounted() throws Exception {
        proxy.timeout(Duration.ofSeconds(2), LONG).start();
        String fast = Keys.ownedBy(0, proxy);
        String stopped = Keys.ownedBy(1, proxy);
        try (RespClient client = proxy.connect()) {
            assertThat(client.call("SET", fast, "v".repeat(MIB))).isEqualTo("OK");
            second.pause();
            for (int i = 0; i < 3; i++) {
                client.send("MGET", fast, stopped);
            }
            client.flush();

            await().atMost(LONG).until(() -> budget().sum(BudgetFigure.SPLIT_BYTES) > 3 * MIB);
        } finally { // it leaves
            second.resume();
        }
        assertNothingIsHeldAtTheEnd();
    }

    // ---- requests

    @Test
    void aClientThatSendsFasterThanItsServerTakesIsPausedAndHeldUpNoLonger() throws Exception {
        sendsFasterThanItsServerTakes(96);
    }

    @Test
    @Tag("soak")
    void twoGigabytesOfSetsToASlowServer() throws Exception {
        sendsFasterThanItsServerTakes(2048);
    }

    private void sendsFasterThanItsServerTakes(int mebibytes) throws Exception {
        proxy.timeout(LONG, LONG).start();
        String slow = Keys.ownedBy(0, proxy);
        long mostQueued = 0;
        try (RawClient client = new RawClient(proxy.port());
                StutteringServer stutter = StutteringServer.of(first, Duration.ofMillis(200), Duration.ofMillis(20))) {
            byte[] set = RawClient.request(List.of("SET", slow, "v".repeat(MIB / 4)));
            Thread sender = sending(client, set, mebibytes * 4);
            for (int i = 0; i < mebibytes * 4; i++) {
                assertThat(client.nextReply()).hasValue("+OK\r\n");
                mostQueued = Math.max(mostQueued, budget().usedBytes());
            }
            sender.join();

            System.out.println("FIGURE " + mebibytes + " MiB of SETs to a slow server: held at most "
                    + mostQueued / 1024 + " KiB; stopped " + stutter.stops() + " times; " + figures());
            assertThat(budget().sum(BudgetFigure.SERVER_PAUSES)).isPositive();
            assertThat(mostQueued).isLessThan(8 * MIB);
        }
        assertNothingIsHeldAtTheEnd();
    }

    @Test
    void requestsToAStalledServerFailFastAndOthersGoOn() throws Exception {
        Duration timeout = Duration.ofSeconds(4);
        proxy.timeout(timeout, LONG).start();
        String healthy = Keys.ownedBy(0, proxy);
        String stalled = Keys.ownedBy(1, proxy);
        try (RawClient client = new RawClient(proxy.port());
                RespClient other = proxy.connect()) {
            assertThat(other.call("SET", healthy, "value")).isEqualTo("OK");
            Latencies.ofGets(other, healthy, 10_000);
            Latencies before = Latencies.ofGets(other, healthy, 5_000);
            second.pause();
            int sets = 100;
            byte[] get = RawClient.request(List.of("GET", healthy));
            byte[] set = RawClient.request(List.of("SET", stalled, "v".repeat(MIB / 4)));
            long start = System.nanoTime();
            Thread sender = sending(client, concat(get, set), sets);
            assertThat(client.nextReply()).hasValue(VALUE); // up to the first of the stopped one
            long firstReply = System.nanoTime() - start;

            Latencies during = Latencies.ofGets(other, healthy, 5_000);

            int failedFast = 0;
            for (int i = 0; i < sets; i++) {
                String error = client.nextReply().orElseThrow();
                if (error.startsWith("-ERR Server stalled: server=server1 queued_bytes=")) {
                    failedFast++;
                } else {
                    assertThat(error).startsWith("-ERR Connection timed out: server=server1");
                    assertThat(failedFast).isZero(); // they are the first
                }
                if (i < sets - 1) {
                    assertThat(client.nextReply()).hasValue(VALUE);
                }
            }
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            sender.join();
            System.out.println("FIGURE stalled server: " + failedFast + " of " + sets + " failed fast, all after "
                    + took.toMillis() + "ms with timeout=" + timeout.toMillis() + "ms; another client before " + before
                    + ", during " + during + "; " + figures());
            assertThat(failedFast).isGreaterThan(sets / 2);
            assertThat(during.percentile(99)).isLessThan(before.percentile(99) * 2 + NOISE_NANOS);
            assertThat(firstReply).isLessThan(timeout.toNanos() / 4);
            assertThat(took)
                    .isLessThan(timeout.plusSeconds(2)); // each in its own time, which began at once or was short
            second.resume();
            await().atMost(LONG).until(() -> "OK".equals(other.call("SET", stalled, "back")));
        } finally {
            second.resume();
        }
        assertNothingIsHeldAtTheEnd();
    }

    // ---- whoever waits goes on

    /** A client whose 2 MiB and more wait for a stopped server, which is not taken for stalled here. */
    private RawClient waiting(String stopped) throws IOException {
        RawClient client = new RawClient(proxy.port());
        sending(client, RawClient.request(List.of("SET", stopped, "v".repeat(MIB / 4))), 100);
        await().atMost(LONG)
                .during(Duration.ofMillis(200)) // and the kernel takes no more
                .until(() -> budget().sum(BudgetFigure.SERVER_BYTES) >= Limits.DEFAULTS.serverQueueBytes());
        return client;
    }

    private String startAndStopSecond() throws Exception {
        proxy.limits(withStall(LONG)).start();
        String stopped = Keys.ownedBy(1, proxy);
        try (RespClient other = proxy.connect()) {
            assertThat(other.call("SET", stopped, "value")).isEqualTo("OK"); // so that the connection has been heard
        }
        second.pause();
        return stopped;
    }

    @Test
    void whoWaitsForAServerThatDiesGoesOn() throws Exception {
        String stopped = startAndStopSecond();
        try (RawClient client = waiting(stopped)) {
            second.kill();
            second.restart();

            for (int i = 0; i < 100; i++) {
                assertThat(client.nextReply().orElseThrow()).containsAnyOf("+OK", "-ERR Connection re"); // fused, set
            }

            await().atMost(LONG).until(() -> {
                client.send(RawClient.request(List.of("SET", stopped, "new")));
                return client.nextReply().orElseThrow().equals("+OK\r\n");
            });
        } finally {
            second.restart();
        }
        assertNothingIsHeldAtTheEnd();
    }

    @Test
    void whoWaitsForAServerThatIsEjectedGoesToAnother() throws Exception {
        proxy.timeout(Duration.ofMillis(500), LONG).ejection(new Ejection(true, 1, LONG));
        String stopped = startAndStopSecond();
        try (RawClient client = waiting(stopped)) {
            String last = "";
            for (int i = 0; i < 100; i++) {
                last = client.nextReply().orElseThrow();
            }

            assertThat(last).isEqualTo("+OK\r\n");
        } finally {
            second.resume();
        }
        assertNothingIsHeldAtTheEnd();
    }

    @Test
    void whoLeavesWhileWaitingLeavesNothingBehind() throws Exception {
        String stopped = startAndStopSecond();
        try (RawClient first = waiting(stopped);
                RawClient leaves = new RawClient(proxy.port())) {
            long pauses = budget().sum(BudgetFigure.SERVER_PAUSES);
            leaves.send(RawClient.request(List.of("SET", stopped, "v".repeat(MIB / 4))));
            await().atMost(LONG).until(() -> budget().sum(BudgetFigure.SERVER_PAUSES) > pauses);

            leaves.reset();

            await().atMost(Duration.ofSeconds(30)).until(() -> proxy.proxy().clients() == 1);
            second.resume();
            assertThat(first.nextReply()).hasValue("+OK\r\n");
        } finally {
            second.resume();
        }

        assertNothingIsHeldAtTheEnd();
    }

    @Test
    void drainingDoesNotStayForWhoWaits() throws Exception {
        proxy.timeout(Duration.ofMillis(500), LONG).shutdownTimeout(LONG);
        String stopped = startAndStopSecond();
        try (RawClient client = waiting(stopped)) {
            long start = System.nanoTime();

            proxy.proxy().drainAndStop();

            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(15));
            assertThat(client.nextReply().orElseThrow()).startsWith("-ERR Connection timed out: server=server1");
        } finally {
            second.resume();
        }
    }

    private static Thread sending(RawClient client, byte[] bytes, int times) {
        Thread sender = new Thread(() -> {
            try {
                for (int i = 0; i < times; i++) {
                    client.send(bytes);
                }
            } catch (IOException gone) {
                // the test sees it by the replies
            }
        });
        sender.start();
        return sender;
    }

    private static byte[] concat(byte[] left, byte[] right) {
        byte[] both = Arrays.copyOf(left, left.length + right.length);
        System.arraycopy(right, 0, both, left.length, right.length);
        return both;
    }

    private ProcessBudget budget() {
        return proxy.proxy().budget();
    }

    private String figures() {
        StringBuilder figures = new StringBuilder();
        for (BudgetFigure figure : BudgetFigure.values()) {
            figures.append(figure.name().toLowerCase(Locale.ROOT))
                    .append('=')
                    .append(budget().sum(figure))
                    .append(' ');
        }
        return figures.toString();
    }

    private static Limits withProcess(long bytes) {
        return limits(Limits.DEFAULTS.clientBufferMaxBytes(), Limits.DEFAULTS.serverStallTimeout(), bytes);
    }

    private static Limits withClientMax(int bytes) {
        return limits(bytes, Limits.DEFAULTS.serverStallTimeout(), Limits.DEFAULTS.processBufferBytes());
    }

    private static Limits withStall(Duration stall) {
        return limits(Limits.DEFAULTS.clientBufferMaxBytes(), stall, Limits.DEFAULTS.processBufferBytes());
    }

    private static Limits limits(int clientMax, Duration stall, long process) {
        Limits defaults = Limits.DEFAULTS;
        return new Limits(
                defaults.maxRequestBytes(),
                defaults.maxArguments(),
                defaults.maxInlineBytes(),
                defaults.clientMaxInFlight(),
                defaults.clientBufferBytes(),
                defaults.clientHeldBytes(),
                defaults.serverMaxInFlight(),
                defaults.serverQueueBytes(),
                defaults.maxClients(),
                clientMax,
                stall,
                process,
                defaults.serverConnectsPerSecond());
    }
}
