package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.admission.AdmissionRule;
import io.sluice.proxy.config.Edge;
import io.sluice.proxy.testing.AdminClient;
import io.sluice.proxy.testing.Edges;
import io.sluice.proxy.testing.ErrorLog;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.testing.FreePorts;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import io.sluice.testing.TextClient;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** How many clients may come, how fast, from where, and what they may do together. */
class AdmissionIT {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @RegisterExtension
    static final RedisServer redis = RedisServer.onFreePort();

    private final ErrorLog errors = ErrorLog.listen(AdmissionIT.class);
    private RunningProxy proxy = RunningProxy.overPorts(redis.port());

    @AfterEach
    void stop() {
        proxy.close();
        errors.assertEmpty();
        errors.close();
    }

    private void start(AdmissionRule rule) throws ProxyStartException {
        start(Edges.admission(Edge.OPEN, rule));
    }

    private void start(Edge edge) throws ProxyStartException {
        proxy = RunningProxy.overPorts(redis.port())
                .edge(edge)
                .workers(2)
                .monitored()
                .start();
    }

    private void awaitRefusals(String reason, int count) {
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() ->
                        metric("sluice_client_connections_refused_total{pool=alpha, reason=" + reason + "}") == count);
    }

    private double metric(String name) throws Exception {
        return AdminClient.metrics(proxy.adminPort()).value(name);
    }

    private static AdmissionRule clients(int most, int mostPerAddress) {
        return new AdmissionRule(most, mostPerAddress, 0, 0, 0, null);
    }

    // ---- how many

    @Test
    void whoIsOneTooManyInThePoolIsToldSoAndClosed() throws Exception {
        start(clients(2, 0));
        try (RespClient first = proxy.connect();
                RespClient second = proxy.connect()) {
            assertThat(first.call("PING")).isEqualTo("PONG");
            assertThat(second.call("PING")).isEqualTo("PONG");

            try (RespClient third = proxy.connect()) {
                assertThat(String.valueOf(third.receive()))
                        .contains("ERR Server overloaded: max number of clients reached (max_clients of the pool)");
                assertThat(third.isAtEnd()).isTrue();
            }
        }
        awaitRefusals("pool_max_clients", 1);
        awaitServed();
    }

    /** A client that goes makes room for another. */
    private void awaitServed() {
        Awaitility.await().atMost(PATIENCE).untilAsserted(() -> {
            try (RespClient client = proxy.connect()) {
                assertThat(client.call("PING")).isEqualTo("PONG");
            }
        });
    }

    @Test
    void oneAddressMayNotTakeAllPlaces() throws Exception {
        start(clients(0, 2));
        try (RespClient first = proxy.connect();
                RespClient second = proxy.connect()) {
            assertThat(first.call("PING")).isEqualTo("PONG");
            assertThat(second.call("PING")).isEqualTo("PONG");

            try (RespClient third = proxy.connect();
                    RespClient other = from("127.0.0.2")) {
                assertThat(String.valueOf(third.receive()))
                        .contains("of one address reached (max_clients_per_address)");
                assertThat(other.call("PING")).isEqualTo("PONG");
            }
        }
        awaitRefusals("max_clients_per_address", 1);
        awaitServed();
    }

    private RespClient from(String address) throws Exception {
        return new RespClient(
                new Socket(InetAddress.getLoopbackAddress(), proxy.port(), InetAddress.getByName(address), 0));
    }

    @Test
    void memcachedsClientsAreToldInTheirWords() throws Exception {
        proxy = RunningProxy.overPorts(FreePorts.next())
                .memcache()
                .edge(Edges.admission(Edge.OPEN, clients(1, 0)))
                .start();
        try (TextClient first = new TextClient("127.0.0.1", proxy.port());
                TextClient second = new TextClient("127.0.0.1", proxy.port())) {
            assertThat(first.ask("version")).startsWith("VERSION");

            assertThat(second.reply()).startsWith("SERVER_ERROR").contains("max number of clients reached");
        }
    }

    // ---- how fast

    @Test
    void whoComesTooFastIsToldSoAndClosed() throws Exception {
        start(new AdmissionRule(0, 0, 1, 3, 0, null));
        List<String> answers = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            try (RespClient client = proxy.connect()) {
                answers.add(String.valueOf(client.call("PING")));
            }
        }

        assertThat(answers.subList(0, 3)).containsOnly("PONG");
        assertThat(answers.subList(3, 6))
                .filteredOn(answer -> answer.contains("too many new clients at once (accept_rate)"))
                .hasSizeGreaterThanOrEqualTo(2); // a slow machine may let one more in
        awaitServed();
    }

    // ---- requests

    @Test
    void requestsOfAPoolBeyondTheBoundGetAnError() throws Exception {
        start(new AdmissionRule(0, 0, 0, 0, 10, null));
        try (RespClient one = proxy.connect();
                RespClient other = proxy.connect()) {
            redis.pause();
            send(one, 10);
            Awaitility.await().atMost(PATIENCE).until(() -> metric("sluice_requests_in_flight{pool=alpha}") == 10);

            assertThat(String.valueOf(other.call("INCR", "counted")))
                    .contains("more than 10 requests of all clients in flight (max_in_flight)");
            assertThat(other.call("PING")).isEqualTo("PONG"); // asks no server

            redis.resume();
            for (int i = 0; i < 10; i++) {
                assertThat(one.receive()).isEqualTo(i + 1L);
            }
            assertThat(other.call("INCR", "counted")).isEqualTo(11L);
        } finally {
            redis.resume();
        }
    }

    private static void send(RespClient client, int requests) throws Exception {
        for (int i = 0; i < requests; i++) {
            client.send("INCR", "counted");
        }
        client.flush();
    }

    /** Requests whose client is gone are in flight until their replies have come, and then not any more. */
    @Test
    void requestsOfClientsThatWentAreNotCountedForEver() throws Exception {
        start(new AdmissionRule(0, 0, 0, 0, 5, null));
        redis.pause();
        try (RespClient gone = proxy.connect()) {
            send(gone, 5);
            Awaitility.await().atMost(PATIENCE).until(() -> metric("sluice_requests_in_flight{pool=alpha}") == 5);
        } finally {
            redis.resume();
        }

        Awaitility.await().atMost(PATIENCE).untilAsserted(() -> {
            try (RespClient next = proxy.connect()) {
                for (int i = 0; i < 5; i++) {
                    next.send("GET", "any");
                }
                for (int i = 0; i < 5; i++) {
                    assertThat(next.receive()).isNull();
                }
            }
        });
    }

    // ---- idle

    @Test
    void silentClientsAreClosedAndBusyOnesAreNot() throws Exception {
        start(new AdmissionRule(0, 0, 0, 0, 0, Duration.ofMillis(1_200)));
        try (RespClient silent = proxy.connect();
                RespClient waiting = proxy.connect()) {
            assertThat(silent.call("PING")).isEqualTo("PONG");
            assertThat(waiting.call("SET", "waited", "1")).isEqualTo("OK");
            redis.pause();
            waiting.send("GET", "waited");
            waiting.flush();

            assertThat(silent.isAtEnd()).isTrue();

            redis.resume();
            assertThat(waiting.receive()).isEqualTo("1");
        } finally {
            redis.resume();
        }
        assertThat(metric("sluice_client_connections_idle_closed_total{pool=alpha}"))
                .isGreaterThanOrEqualTo(1);
    }

    @Test
    void unusedServerConnectionsAreClosedAndMadeAnewWithoutAnError() throws Exception {
        start(Edges.serverIdleTimeout(Duration.ofMillis(200)));
        try (RespClient client = proxy.connect()) {
            for (int round = 1; round <= 3; round++) {
                assertThat(client.call("SET", "round", String.valueOf(round))).isEqualTo("OK");
                int closed = round;
                Awaitility.await()
                        .atMost(PATIENCE)
                        .until(() -> metric("sluice_server_connections_idle_closed_total{pool=alpha, server=server0}")
                                == closed);
                assertThat(metric("sluice_server_connections{pool=alpha, server=server0}"))
                        .isZero();
            }
            assertThat(client.call("GET", "round")).isEqualTo("3");
        }
        assertThat(metric("sluice_server_connections_lost_total{pool=alpha, server=server0}"))
                .isZero();
    }

    // ---- fairness

    /** One client sends far more than one turn's work; another one on the same loop is served in between. */
    @Test
    void aHugePipelineDoesNotKeepOthersWaiting() throws Exception {
        proxy = RunningProxy.overPorts(redis.port()).workers(1).start();
        int requests = 300_000;
        try (RespClient huge = proxy.connect();
                RespClient small = proxy.connect()) {
            assertThat(small.call("PING")).isEqualTo("PONG");
            Pipeline pipeline = new Pipeline(huge, requests);
            pipeline.start();
            Awaitility.await().atMost(PATIENCE).until(() -> pipeline.received > 1_000);

            int served = 0;
            while (pipeline.received < requests && pipeline.failure == null) {
                assertThat(small.call("PING")).isEqualTo("PONG");
                served++;
            }

            pipeline.join();
            assertThat(pipeline.failure).isNull();
            assertThat(served).isGreaterThan(10);
        }
    }

    /** Sends all it has as fast as it is taken, and counts what comes back. */
    private static final class Pipeline {
        private final Thread sender;
        private final Thread receiver;
        private volatile int received;
        private volatile @Nullable Throwable failure;

        Pipeline(RespClient client, int requests) {
            byte[] pings = "PING\r\n".repeat(1_000).getBytes(StandardCharsets.US_ASCII);
            sender = new Thread(() -> {
                try {
                    for (int i = 0; i < requests / 1_000; i++) {
                        client.sendRaw(pings);
                    }
                } catch (Exception e) {
                    failure = e;
                }
            });
            receiver = new Thread(() -> receive(client, requests));
        }

        @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
        private void receive(RespClient client, int requests) {
            try {
                while (received < requests) {
                    assertThat(client.receive()).isEqualTo("PONG");
                    received++;
                }
            } catch (Throwable e) { // told by the test
                failure = e;
            }
        }

        void start() {
            sender.start();
            receiver.start();
        }

        void join() throws InterruptedException {
            sender.join();
            receiver.join();
        }
    }
}
