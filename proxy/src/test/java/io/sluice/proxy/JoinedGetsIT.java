package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.proxy.config.ProxyConfig.Retries;
import io.sluice.proxy.testing.AdminClient;
import io.sluice.proxy.testing.RawClient;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.proxy.testing.ScriptedServer;
import io.sluice.proxy.testing.ScriptedServer.Asked;
import io.sluice.proxy.testing.Seed;
import io.sluice.testing.MemcachedServer;
import io.sluice.testing.TextClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Gets of one turn that go to a memcached as one: what clients see of it must be what they saw before. */
class JoinedGetsIT {

    private static final int CLIENTS = 8;
    private static final int KEYS = 40;
    private static final int ROUNDS = Integer.getInteger("sluice.rounds", 150);
    private static final String SERVER = "{pool=alpha, server=server0}";

    @RegisterExtension
    static final MemcachedServer first = MemcachedServer.onFreePort().withThreads(4);

    @RegisterExtension
    static final MemcachedServer second = MemcachedServer.onFreePort().withThreads(4);

    // ---- a real server

    /** Each key is written by one client and read by all: see {@link OverlappingClient}. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void everyReplyIsThatOfItsRequest(int workers) throws Exception {
        Seed seed = Seed.next("JoinedGetsIT.everyReply");
        SplittableRandom random = seed.random();
        ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
        try (RunningProxy proxy = RunningProxy.overPorts(first.port(), second.port())
                .memcache()
                .workers(workers)
                .monitored()
                .start()) {
            List<Future<Integer>> running = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                OverlappingClient client = new OverlappingClient("w" + workers + "-", i, CLIENTS, KEYS, random.split());
                running.add(threads.submit(() -> client.run(proxy.port(), ROUNDS)));
            }
            int hits = 0;
            for (Future<Integer> client : running) {
                hits += client.get(60, TimeUnit.SECONDS);
            }

            assertThat(hits).as("%s", seed).isGreaterThan(CLIENTS * ROUNDS);
            assertThat(joined(proxy)).as("%s", seed).isGreaterThan(ROUNDS);
        } finally {
            threads.shutdownNow();
        }
    }

    private static double joined(RunningProxy proxy) throws IOException, InterruptedException {
        return AdminClient.metrics(proxy.adminPort()).value("sluice_server_requests_joined_total" + SERVER);
    }

    @Test
    void valuesOfAMebibyteKeepTheirPlaces() throws Exception {
        String huge = "VALUE s1 0 1\r\n".repeat(70_000);
        try (RunningProxy proxy =
                        RunningProxy.overPorts(first.port()).memcache().start();
                TextClient client = new TextClient(proxy.port())) {
            assertThat(client.store("set h1 1 0", huge)).isEqualTo("STORED\r\n");
            assertThat(client.store("set h2 2 0", huge)).isEqualTo("STORED\r\n");
            assertThat(client.store("set s1 3 0", "x")).isEqualTo("STORED\r\n");

            client.send("get none1\r\nget h1\r\nget none2\r\nget s1\r\nget h2\r\nget h1\r\n");

            assertThat(client.reply()).isEqualTo("END\r\n");
            assertThat(client.reply()).isEqualTo("VALUE h1 1 " + huge.length() + "\r\n" + huge + "\r\nEND\r\n");
            assertThat(client.reply()).isEqualTo("END\r\n");
            assertThat(client.reply()).isEqualTo("VALUE s1 3 1\r\nx\r\nEND\r\n");
            assertThat(client.reply()).isEqualTo("VALUE h2 2 " + huge.length() + "\r\n" + huge + "\r\nEND\r\n");
            assertThat(client.reply()).endsWith(huge + "\r\nEND\r\n");
        }
    }

    // ---- what a server gets, and what it may do wrong

    private static RunningProxy proxyTo(ScriptedServer server) {
        return RunningProxy.overPorts(server.port()).memcache();
    }

    private static void missing(Asked asked) throws IOException {
        asked.reply(asked.words().get(0).startsWith("get") ? "END\r\n" : "STORED\r\n");
    }

    @Test
    void getsOfOneTurnAreOneRequestAndCountedEach() throws Exception {
        try (ScriptedServer server = ScriptedServer.startMemcache(JoinedGetsIT::missing);
                RunningProxy proxy = proxyTo(server).monitored().start();
                TextClient client = new TextClient(proxy.port())) {
            client.send("get a\r\nget b\r\nset a 0 0 1\r\n1\r\nget a\r\ngets b\r\ngets c\r\nget d e\r\nget f\r\n");
            for (int i = 0; i < 8; i++) {
                assertThat(client.reply()).isEqualTo(i == 2 ? "STORED\r\n" : "END\r\n");
            }

            assertThat(server.received().stream().map(Asked::words))
                    .containsExactly(
                            List.of("get", "a", "b"),
                            List.of("set", "a", "0", "0", "1", "1"),
                            List.of("get", "a"),
                            List.of("gets", "b", "c"),
                            List.of("get", "d", "e"),
                            List.of("get", "f"));
            await().atMost(Duration.ofSeconds(30)).until(() -> joined(proxy) == 2);
            assertThat(AdminClient.metrics(proxy.adminPort()).value("sluice_server_requests_total" + SERVER))
                    .isEqualTo(8);
            assertThat(AdminClient.metrics(proxy.adminPort()).value("sluice_server_replies_total" + SERVER))
                    .isEqualTo(8);
        }
    }

    @Test
    void aConnectionLostInBetweenFailsThoseWithoutAReply() throws Exception {
        ScriptedServer.Script dies = asked -> {
            if (asked.words().size() > 2) {
                asked.reply("VALUE b 0 1\r\n2\r\nVALUE d 0 5\r\nhel");
                asked.close();
            } else {
                missing(asked);
            }
        };
        try (ScriptedServer server = ScriptedServer.startMemcache(dies);
                RunningProxy proxy = proxyTo(server).start();
                TextClient client = new TextClient(proxy.port())) {
            assertThat(client.ask("get heard")).isEqualTo("END\r\n");

            client.send("get a\r\nget b\r\nget c\r\nget d\r\nget e\r\n");

            assertThat(client.reply()).isEqualTo("END\r\n");
            assertThat(client.reply()).isEqualTo("VALUE b 0 1\r\n2\r\nEND\r\n");
            assertThat(client.reply()).isEqualTo("END\r\n");
            assertThat(client.reply()).startsWith("SERVER_ERROR Connection reset by peer: server=server0 ");
            assertThat(client.reply()).startsWith("SERVER_ERROR Connection reset by peer: server=server0 ");
            assertThat(client.ask("get a")).isEqualTo("END\r\n");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "VALUE x 0 1\r\n1\r\nEND\r\n",
                "STORED\r\n",
                "VALUE b 0 1\r\n2\r\nVALUE a 0 1\r\n1\r\nEND\r\n",
            })
    void aReplyThatDoesNotFitEndsTheConnection(String wrong) throws Exception {
        ScriptedServer.Script script = asked -> {
            if (asked.words().size() > 2) {
                asked.reply(wrong);
            } else {
                missing(asked);
            }
        };
        try (ScriptedServer server = ScriptedServer.startMemcache(script);
                RunningProxy proxy = proxyTo(server).start();
                TextClient client = new TextClient(proxy.port())) {
            assertThat(client.ask("get heard")).isEqualTo("END\r\n");

            client.send("get a\r\nget b\r\n");

            boolean otherOrder = wrong.contains("VALUE b");
            assertThat(client.reply()).startsWith(otherOrder ? "END\r\n" : "SERVER_ERROR Connection reset by peer: ");
            assertThat(client.reply()).startsWith("SERVER_ERROR Connection reset by peer: ");
            client.send("get c\r\nget d\r\n");
            assertThat(client.reply()).startsWith(otherOrder ? "END\r\n" : "SERVER_ERROR ");
            assertThat(client.reply()).startsWith(otherOrder ? "END\r\n" : "SERVER_ERROR ");
            assertThat(server.count("get", "c")).isEqualTo(otherOrder ? 1 : 0);
        }
    }

    @Test
    void anErrorOfTheServerGoesToEach() throws Exception {
        try (ScriptedServer server = ScriptedServer.startMemcache(
                        asked -> asked.reply("SERVER_ERROR out of memory writing get response\r\n"));
                RunningProxy proxy = proxyTo(server).monitored().start();
                TextClient client = new TextClient(proxy.port())) {
            client.send("get a\r\nget b\r\nget c\r\n");

            for (int i = 0; i < 3; i++) {
                assertThat(client.reply()).isEqualTo("SERVER_ERROR out of memory writing get response\r\n");
            }
            await().atMost(Duration.ofSeconds(30))
                    .until(() ->
                            AdminClient.metrics(proxy.adminPort()).value("sluice_server_error_replies_total" + SERVER)
                                    == 3);
        }
    }

    @Test
    void eachHasItsDeadlineAndALateReplyIsForNobody() throws Exception {
        try (ScriptedServer server = ScriptedServer.startMemcache(ScriptedServer::silence);
                RunningProxy proxy = proxyTo(server)
                        .timeout(Duration.ofSeconds(1), Duration.ofSeconds(20))
                        .start();
                TextClient client = new TextClient(proxy.port())) {
            client.send("get a\r\nget b\r\n");
            Asked late = server.next();
            assertThat(client.reply()).startsWith("SERVER_ERROR Connection timed out: server=server0 waited=");
            assertThat(client.reply()).startsWith("SERVER_ERROR Connection timed out: server=server0 waited=");

            late.reply("VALUE a 0 1\r\n1\r\nVALUE b 0 1\r\n2\r\nEND\r\n");
            client.send("get b\r\nget c\r\n");
            server.next().reply("VALUE b 0 1\r\n3\r\nEND\r\n");

            assertThat(client.reply()).isEqualTo("VALUE b 0 1\r\n3\r\nEND\r\n");
            assertThat(client.reply()).isEqualTo("END\r\n");
        }
    }

    @Test
    void theReplyOfAClientThatIsGoneIsSkipped() throws Exception {
        try (ScriptedServer server = ScriptedServer.startMemcache(ScriptedServer::silence);
                RunningProxy proxy = proxyTo(server).start();
                TextClient stays = new TextClient(proxy.port())) {
            try (RawClient goes = new RawClient(proxy.port())) {
                goes.send("get a\r\nget b\r\n".getBytes(StandardCharsets.US_ASCII));
                server.next();
                goes.reset();
            }
            await().atMost(Duration.ofSeconds(30)).until(() -> proxy.proxy().clients() == 1);
            stays.send("get b\r\nget a\r\n");

            server.received().get(0).reply("VALUE a 0 1\r\n1\r\nVALUE b 0 1\r\n2\r\nEND\r\n");
            server.next().reply("VALUE a 0 1\r\n3\r\nEND\r\n");

            assertThat(stays.reply()).isEqualTo("END\r\n");
            assertThat(stays.reply()).isEqualTo("VALUE a 0 1\r\n3\r\nEND\r\n");
        }
    }

    @Test
    void whereReadsMayBeSentOnceMoreEachGoesByItself() throws Exception {
        try (ScriptedServer server = ScriptedServer.startMemcache(JoinedGetsIT::missing);
                RunningProxy proxy =
                        proxyTo(server).retries(new Retries(10, true)).start();
                TextClient client = new TextClient(proxy.port())) {
            client.send("get a\r\nget b\r\n");

            assertThat(client.reply()).isEqualTo("END\r\n");
            assertThat(client.reply()).isEqualTo("END\r\n");
            assertThat(server.count("get", "a")).isEqualTo(1);
            assertThat(server.count("get", "b")).isEqualTo(1);
        }
    }
}
