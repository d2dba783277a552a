package io.sluice.proxy;

import static io.sluice.proxy.testing.Replies.millisWaited;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sluice.proxy.admin.ConfigStatus.Reload;
import io.sluice.proxy.admin.ConfigStatus.Result;
import io.sluice.proxy.budget.BudgetFigure;
import io.sluice.proxy.config.ProxyConfig;
import io.sluice.proxy.testing.AdminClient;
import io.sluice.proxy.testing.ScriptedServer;
import io.sluice.proxy.testing.ScriptedServer.Asked;
import io.sluice.testing.FreePorts;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Another configuration while the proxy runs. */
class ReloadIT {

    private static final Duration SOON = Duration.ofSeconds(30);

    private static final String TOKEN = "night-watch-0123456789";

    @RegisterExtension
    static final RedisServer a = RedisServer.onFreePort();

    @RegisterExtension
    static final RedisServer b = RedisServer.onFreePort();

    @RegisterExtension
    static final RedisServer c = RedisServer.onFreePort();

    @TempDir
    private Path folder;

    private final int port = FreePorts.next();
    private final int adminPort = FreePorts.next();
    private @Nullable Proxy running;
    private @Nullable Reloader reloader;

    @AfterEach
    void stop() {
        if (reloader != null) {
            reloader.close();
        }
        if (running != null) {
            running.close();
        }
    }

    private Proxy proxy() {
        return Objects.requireNonNull(running);
    }

    // ---- the load

    @Test
    void fiftyReloadsUnderLoadBreakNothingAndKeepTheConnectionsOfServersThatStay() throws Exception {
        start(connected(at("a", a), at("b", b)));
        List<Load> clients = new ArrayList<>();
        AtomicBoolean stop = new AtomicBoolean();
        for (int i = 0; i < 8; i++) {
            clients.add(new Load(i, stop));
        }
        clients.forEach(Thread::start);
        await().atMost(SOON).until(() -> clients.stream().allMatch(client -> client.replies.get() > 100));
        await().atMost(SOON).until(() -> connections(a, b).size() == 4);
        Set<String> before = connections(a, b);

        for (int i = 0; i < 50; i++) {
            boolean add = i % 2 == 0;
            long seen = replies(clients);
            Reload reload = add
                    ? reload(connected(at("a", a), at("b", b), at("c", c)))
                    : reload(connected(at("a", a), at("b", b)));
            assertThat(reload.result()).as(reload.message()).isEqualTo(Result.APPLIED);
            await().atMost(SOON).until(() -> replies(clients) > seen + 400);
        }
        stop.set(true);
        for (Load client : clients) {
            client.join(30_000);
        }

        System.out.println("FIGURE reload: reloads=50 replies=" + replies(clients) + " misses="
                + clients.stream().mapToLong(client -> client.misses).sum());
        assertThat(clients).allSatisfy(client -> assertThat(client.trouble).isEmpty());
        assertThat(connections(a, b)).isEqualTo(before);
        await().atMost(SOON).untilAsserted(() -> assertThat(connections(c)).isEmpty());
    }

    /** Each of the two workers has a connection to each server, whether or not it has clients. */
    private String connected(String... servers) {
        return pool("alpha", port, servers) + "    preconnect: true\n";
    }

    private static long replies(List<Load> clients) {
        return clients.stream().mapToLong(client -> client.replies.get()).sum();
    }

    /** Writes keys of its own and reads them back, sixteen at a time; a key whose owner has changed may be missing. */
    private final class Load extends Thread {
        private final int number;
        private final AtomicBoolean stop;
        private final AtomicLong replies = new AtomicLong();
        private long misses;
        private String trouble = "";

        Load(int number, AtomicBoolean stop) {
            super("load-" + number);
            this.number = number;
            this.stop = stop;
        }

        @Override
        public void run() {
            try (RespClient client = new RespClient(port)) {
                while (!stop.get() && trouble.isEmpty()) {
                    for (int i = 0; i < 8; i++) {
                        client.send("SET", key(i), "value of " + key(i));
                        client.send("GET", key(i));
                    }
                    client.flush();
                    for (int i = 0; i < 8; i++) {
                        check("OK", client.receive());
                        Object got = client.receive();
                        if (got == null) {
                            misses++;
                        } else {
                            check("value of " + key(i), got);
                        }
                    }
                    replies.addAndGet(16);
                }
            } catch (IOException | RuntimeException e) {
                trouble = e.toString();
            }
        }

        private String key(int i) {
            return "load:" + number + ":" + i;
        }

        private void check(String expected, @Nullable Object got) {
            if (!expected.equals(got)) {
                trouble = "expected " + expected + ", got " + got;
            }
        }
    }

    /** What the servers call the proxy's connections. */
    private static Set<String> connections(RedisServer... servers) throws IOException {
        Set<String> ids = new TreeSet<>();
        for (RedisServer server : servers) {
            try (RespClient direct = new RespClient(server.port())) {
                String own = String.valueOf(direct.call("CLIENT", "ID"));
                for (String line :
                        String.valueOf(direct.call("CLIENT", "LIST")).lines().toList()) {
                    String id = line.replaceAll("^id=(\\d+) .*", "$1").strip();
                    if (!id.isEmpty() && !id.equals(own)) {
                        ids.add(server.port() + "/" + id);
                    }
                }
            }
        }
        return ids;
    }

    // ---- servers

    @Test
    void aServerThatMovesKeepsItsKeysAndTheOthersTheirConnections() throws Exception {
        start(pool("alpha", port, at("one", a), at("two", b)));
        try (RespClient client = new RespClient(port)) {
            String key = keyOn(client, b);
            Set<String> before = connections(a);

            Reload reload = reload(pool("alpha", port, at("one", a), at("two", c)));

            assertThat(reload.message())
                    .contains("server two: 127.0.0.1:" + b.port() + " -> 127.0.0.1:" + c.port())
                    .contains("0.0 % of the key space");
            client.call("SET", key, "moved");
            assertThat(direct(c, "GET", key)).isEqualTo("moved");
            assertThat(connections(a)).isEqualTo(before);
            await().atMost(SOON).untilAsserted(() -> assertThat(connections(b)).isEmpty());
        }
    }

    @Test
    void anotherWeightMovesKeysAndKeepsConnections() throws Exception {
        start(pool("alpha", port, at("one", a), at("two", b)));
        try (RespClient client = new RespClient(port)) {
            client.call("SET", keyOn(client, a), "x");
            client.call("SET", keyOn(client, b), "x");
            Set<String> before = connections(a, b);

            Reload reload = reload(pool("alpha", port, at("one", a), "127.0.0.1:" + b.port() + ":3 two"));

            assertThat(reload.message())
                    .contains("server two: weight 1 -> 3")
                    .contains("2")
                    .contains("%");
            for (int i = 0; i < 50; i++) {
                assertThat(client.call("SET", "after:" + i, "x")).isEqualTo("OK");
            }
            assertThat(connections(a, b)).isEqualTo(before);
        }
    }

    private static String keyOn(RespClient client, RedisServer server) throws IOException {
        for (int i = 0; i < 1_000; i++) {
            String key = "probe:" + i;
            client.call("SET", key, "probe");
            if ("probe".equals(direct(server, "GET", key))) {
                return key;
            }
        }
        throw new AssertionError("no key of a thousand is there");
    }

    private static @Nullable Object direct(RedisServer server, String... request) throws IOException {
        try (RespClient client = new RespClient(server.port())) {
            return client.call(request);
        }
    }

    @Test
    void whatARemovedServerHasIsAnsweredAndItsDrainIsShown() throws Exception {
        try (ScriptedServer old = ScriptedServer.start(ScriptedServer::silence)) {
            start("admin: 127.0.0.1:" + adminPort + "\n" + pool("alpha", port, "127.0.0.1:" + old.port() + ":1 old"));
            try (RespClient client = new RespClient(port)) {
                client.send("GET", "first");
                client.flush();
                Asked asked = old.next();

                Reload reload = reload("admin: 127.0.0.1:" + adminPort + "\n" + pool("alpha", port, at("new", a)));

                assertThat(reload.result()).isEqualTo(Result.APPLIED);
                assertThat(AdminClient.get(adminPort, "/topology").body())
                        .contains("\"draining\"")
                        .contains("\"epoch\": 2");
                client.send("PING");
                client.send("SET", "second", "2");
                client.flush();
                await().atMost(SOON).until(() -> "2".equals(direct(a, "GET", "second")));
                asked.replySensibly();
                assertThat(client.receive()).isEqualTo("value of first");
                assertThat(client.receive()).isEqualTo("PONG");
                assertThat(client.receive()).isEqualTo("OK");
                await().atMost(SOON).until(() -> old.open() == 0);
                await().atMost(SOON)
                        .until(() ->
                                AdminClient.get(adminPort, "/topology").body().contains("\"drained\""));
            }
        }
    }

    @Test
    void aRemovedServerThatNeverAnswersIsGivenUp() throws Exception {
        try (ScriptedServer old = ScriptedServer.start(ScriptedServer::silence)) {
            String drain = "drain_timeout: 200ms\n";
            start(drain + pool("alpha", port, "127.0.0.1:" + old.port() + ":1 old"));
            try (RespClient client = new RespClient(port)) {
                client.send("GET", "first");
                client.flush();
                old.next();

                reload(drain + pool("alpha", port, at("new", a)));

                assertThat(client.receive())
                        .asString()
                        .contains("server=old")
                        .contains("removed from the configuration");
                await().atMost(SOON).until(() -> old.open() == 0);
                assertThat(client.call("PING")).isEqualTo("PONG");
            }
        }
    }

    @Test
    void whoWaitsForRoomAtARemovedServerGoesToAnother() throws Exception {
        try (ScriptedServer old = ScriptedServer.start(ScriptedServer::silence)) {
            String limits = "limits: {server_max_in_flight: 1, server_stall_timeout: 1m}\n";
            start(oneWorker(limits + pool("alpha", port, "127.0.0.1:" + old.port() + ":1 old")));
            try (RespClient first = new RespClient(port);
                    RespClient second = new RespClient(port)) {
                first.send("GET", "first");
                first.flush();
                old.next();
                second.send("SET", "waits", "no more");
                second.flush();
                await().atMost(SOON).until(() -> proxy().budget().sum(BudgetFigure.SERVER_PAUSES) == 1);

                reload(oneWorker(limits + pool("alpha", port, at("new", a))));

                assertThat(second.receive()).isEqualTo("OK");
                assertThat(direct(a, "GET", "waits")).isEqualTo("no more");
            }
        }
    }

    private static String oneWorker(String yaml) {
        return yaml.replace("workers: 2", "workers: 1");
    }

    // ---- pools

    @Test
    void poolsComeAndGo() throws Exception {
        int other = FreePorts.next();
        start(pool("alpha", port, at("a", a)));

        reload(pool("alpha", port, at("a", a)) + poolOnly("beta", other, at("b", b)));

        try (RespClient stays = new RespClient(port);
                RespClient goes = new RespClient(other)) {
            assertThat(stays.call("PING")).isEqualTo("PONG");
            assertThat(goes.call("SET", "beta", "1")).isEqualTo("OK");
            assertThat(direct(b, "GET", "beta")).isEqualTo("1");

            Reload reload = reload(pool("alpha", port, at("a", a)));

            assertThat(reload.message()).contains("- pool beta");
            assertThat(goes.isAtEnd()).isTrue();
            assertThatThrownBy(() -> new RespClient(other).call("PING")).isInstanceOf(IOException.class);
            assertThat(stays.call("SET", "alpha", "1")).isEqualTo("OK");
            await().atMost(SOON).untilAsserted(() -> assertThat(connections(b)).isEmpty());
        }
    }

    @Test
    void aPoolThatGetsAnotherNameKeepsListening() throws Exception {
        start(pool("alpha", port, at("a", a)));

        Reload reload = reload(pool("gamma", port, at("a", a)));

        assertThat(reload.result()).isEqualTo(Result.APPLIED);
        try (RespClient client = new RespClient(port)) {
            assertThat(client.call("SET", "gamma", "1")).isEqualTo("OK");
        }
    }

    @Test
    void aTakenPortChangesNothing() throws Exception {
        start(pool("alpha", port, at("a", a)));
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                RespClient client = new RespClient(port)) {
            Reload reload =
                    reload(pool("alpha", port, at("b", b)) + poolOnly("beta", taken.getLocalPort(), at("c", c)));

            assertThat(reload.result()).isEqualTo(Result.REFUSED);
            assertThat(reload.message()).contains("pool beta: cannot listen on 127.0.0.1:" + taken.getLocalPort());
            client.call("SET", "still", "at a");
            assertThat(direct(a, "GET", "still")).isEqualTo("at a");
            assertThat(proxy().config().pools()).hasSize(1);
        }
    }

    // ---- other keys

    @Test
    void limitsAndDeadlinesChangeWithoutARestart() throws Exception {
        try (ScriptedServer silent = ScriptedServer.start(ScriptedServer::silence)) {
            String server = "127.0.0.1:" + silent.port() + ":1 silent";
            start(pool("alpha", port, server));
            try (RespClient client = new RespClient(port)) {
                client.call("PING");

                Reload reload =
                        reload("limits: {max_clients: 1}\n" + pool("alpha", port, server) + "    timeout: 100ms\n");

                assertThat(reload.message()).contains("limits.max_clients: 50000 -> 1", "timeout: 5000ms -> 100ms");
                assertThat(millisWaited(String.valueOf(client.call("GET", "late"))))
                        .isBetween(100L, 4999L);
                try (RespClient second = new RespClient(port)) {
                    assertThat(second.receive()).asString().contains("max number of clients");
                }
            }
        }
    }

    @Test
    void whatNeedsARestartIsNamedAndNothingOfTheRestIsDone() throws Exception {
        start(pool("alpha", port, at("a", a)));

        Reload reload = reload("workers: 1\n" + pool("alpha", port, at("b", b)).replace("workers: 2\n", ""));

        assertThat(reload.result()).isEqualTo(Result.REFUSED);
        assertThat(reload.message()).contains("needs a restart").contains("workers: 2 -> 1");
        try (RespClient client = new RespClient(port)) {
            client.call("SET", "restart", "needed");
        }
        assertThat(direct(a, "GET", "restart")).isEqualTo("needed");
    }

    // ---- the file

    @Test
    void theFileIsFollowedOnceItStandsStillAndABadOneChangesNothing() throws Exception {
        String admin = "admin: 127.0.0.1:" + adminPort + "\n";
        Path file = folder.resolve("sluice.yaml");
        Files.writeString(file, admin + pool("alpha", port, at("a", a)));
        running = Proxy.start(ProxyConfig.read(file));
        reloader = Reloader.start(proxy(), file, UnaryOperator.identity(), Duration.ofMillis(40));

        Files.writeString(file, admin + pool("alpha", port, at("b", b)));
        await().atMost(SOON).until(() -> owner().equals("b"));

        Files.writeString(file, admin + pool("alpha", port, at("c", c)).replace("servers", "serverz"));
        await().atMost(SOON).until(() -> metric("sluice_config_refused").equals("1.0"));
        assertThat(owner()).isEqualTo("b");
        assertThat(AdminClient.get(adminPort, "/health").statusCode()).isEqualTo(200);
        assertThat(AdminClient.get(adminPort, "/health").body())
                .contains("sluice.yaml:", "alpha.serverz: unknown key", "alpha.servers: missing");
        assertThat(metric("sluice_config_epoch")).isEqualTo("2.0");

        Files.writeString(file, admin + pool("alpha", port, at("b", b)));
        await().atMost(SOON).until(() -> metric("sluice_config_refused").equals("0.0"));
        assertThat(metric("sluice_config_reloads_total{result=\"unchanged\"}")).isEqualTo("1.0");
        assertThat(metric("sluice_config_epoch")).isEqualTo("2.0");
    }

    @Test
    void aFileThatIsStillBeingWrittenIsNotRead() throws Exception {
        Duration stands = Duration.ofSeconds(1);
        Path file = folder.resolve("sluice.yaml");
        String whole = pool("alpha", port, at("a", a), at("b", b), at("c", c));
        Files.writeString(file, pool("alpha", port, at("a", a)));
        running = Proxy.start(ProxyConfig.read(file));
        reloader = Reloader.start(proxy(), file, UnaryOperator.identity(), stands);

        Files.writeString(file, "");
        long began = System.nanoTime();
        for (int i = 0; i < whole.length(); i++) { // each byte is another size: never twice the same in a second
            Files.writeString(file, whole.substring(i, i + 1), StandardOpenOption.APPEND);
        }
        long took = System.nanoTime() - began;
        await().atMost(SOON)
                .until(() ->
                        proxy().config().pools().get(0).definition().servers().size() == 3);

        assertThat(took).isLessThan(stands.toNanos());
        assertThat(proxy().configStatus().refused()).isZero();
        assertThat(proxy().configStatus().applied()).isEqualTo(1);
    }

    @Test
    void theAdminAddressHasTheFileReadAndSaysWhatBecameOfIt() throws Exception {
        String head = "reload_on_change: false\nadmin: 127.0.0.1:" + adminPort + "\nadmin_token: " + TOKEN + "\n";
        Path file = folder.resolve("sluice.yaml");
        Files.writeString(file, head + pool("alpha", port, at("a", a)));
        running = Proxy.start(ProxyConfig.read(file));
        reloader = Reloader.start(proxy(), file, UnaryOperator.identity());

        Files.writeString(file, head + pool("alpha", port, at("b", b)));
        HttpResponse<String> applied = askForReload(TOKEN);
        assertThat(applied.statusCode()).as(applied.body()).isEqualTo(200);
        assertThat(applied.body())
                .contains(
                        "\"result\": \"applied\"", "\"epoch\": 2", "+ pool alpha: server b", "- pool alpha: server a");
        assertThat(owner()).isEqualTo("b");

        HttpResponse<String> unchanged = askForReload(TOKEN);
        assertThat(unchanged.statusCode()).isEqualTo(200);
        assertThat(unchanged.body()).contains("\"result\": \"unchanged\"", "\"epoch\": 2");

        Files.writeString(file, head + pool("alpha", port, at("c", c)).replace("servers", "serverz"));
        HttpResponse<String> refused = askForReload(TOKEN);
        assertThat(refused.statusCode()).isEqualTo(422);
        assertThat(refused.body()).contains("\"result\": \"refused\"", "\"epoch\": 2", "alpha.serverz: unknown key");
        assertThat(owner()).isEqualTo("b");

        assertThat(askForReload("wrong").statusCode()).isEqualTo(401);
        assertThat(proxy().configStatus().refused()).isEqualTo(1);
    }

    @Test
    void aProxyWithoutAFileSaysThatThereIsNothingToRead() throws Exception {
        start("admin: 127.0.0.1:" + adminPort + "\nadmin_token: " + TOKEN + "\n" + pool("alpha", port, at("a", a)));

        assertThat(askForReload(TOKEN).statusCode()).isEqualTo(501);
    }

    @Test
    void aChangeBetweenTheStartAndTheFirstLookIsNotMissed() throws Exception {
        Path file = folder.resolve("sluice.yaml");
        Files.writeString(file, "admin: none\n" + pool("alpha", port, at("a", a)));
        running = Proxy.start(ProxyConfig.read(file));

        Files.writeString(file, "admin: none\n" + pool("alpha", port, at("b", b)));
        reloader = Reloader.start(proxy(), file, UnaryOperator.identity(), Duration.ofMillis(40));

        await().atMost(SOON).until(() -> owner().equals("b"));
    }

    private HttpResponse<String> askForReload(String token) throws Exception {
        return AdminClient.send(
                "POST",
                adminPort,
                "/reload",
                "",
                "Content-Type",
                "application/json",
                "Authorization",
                "Bearer " + token);
    }

    private String owner() throws IOException {
        return proxy().config().pools().get(0).definition().servers().get(0).name();
    }

    private String metric(String name) throws Exception {
        return AdminClient.get(adminPort, "/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .map(line -> line.substring(name.length() + 1))
                .findFirst()
                .orElse("none");
    }

    // ---- helpers

    @Test
    void aClientWhoseHeaderIsStillToComeFollowsAllChanges() throws Exception {
        String headers = "    proxy_protocol: require\n    proxy_protocol_from: [127.0.0.1]\n";
        start(oneWorker(pool("alpha", port, at("a", a)) + headers));
        byte[] header = "PROXY TCP4 192.0.2.7 192.0.2.9 1000 6379\r\n".getBytes(StandardCharsets.US_ASCII);
        try (RespClient late = new RespClient(port)) {
            try (RespClient other = new RespClient(port)) {
                other.sendRaw(header);
                assertThat(other.call("PING")).isEqualTo("PONG"); // accepted after the late one
            }
            await().atMost(SOON).until(() -> proxy().clients() == 0);

            String bounded = headers + "    max_clients: 10\n";
            assertThat(reload(oneWorker(pool("alpha", port, at("a", a)) + bounded))
                            .result())
                    .isEqualTo(Result.APPLIED);
            late.sendRaw(header);
            assertThat(late.call("SET", "late", "1")).isEqualTo("OK");
            assertThat(reload(oneWorker(pool("alpha", port, at("b", b)) + bounded))
                            .result())
                    .isEqualTo(Result.APPLIED);

            assertThat(late.call("SET", "late", "2")).isEqualTo("OK");
            assertThat(direct(a, "GET", "late")).isEqualTo("1");
            assertThat(direct(b, "GET", "late")).isEqualTo("2");
        }
    }

    private void start(String yaml) throws Exception {
        running = Proxy.start(config(yaml));
    }

    private Reload reload(String yaml) {
        return proxy().reload("test", () -> config(yaml));
    }

    private ProxyConfig config(String yaml) {
        Path file = folder.resolve("offered.yaml");
        try {
            Files.writeString(file, yaml.contains("admin:") ? yaml : "admin: none\n" + yaml);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return ProxyConfig.read(file);
    }

    private static String at(String name, RedisServer server) {
        return "127.0.0.1:" + server.port() + ":1 " + name;
    }

    private static String pool(String name, int port, String... servers) {
        return "workers: 2\npools:\n" + poolOnly(name, port, servers);
    }

    private static String poolOnly(String name, int port, String... servers) {
        StringBuilder yaml = new StringBuilder("  " + name + ":\n    listen: 127.0.0.1:" + port + "\n    servers:\n");
        for (String server : servers) {
            yaml.append("      - ").append(server).append('\n');
        }
        return yaml.toString();
    }
}
