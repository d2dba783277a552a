package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sluice.proxy.config.ProxyConfig;
import io.sluice.proxy.config.ProxyConfig.TransportPreference;
import io.sluice.proxy.testing.AdminClient;
import io.sluice.proxy.testing.Authority;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.proxy.testing.ScriptedServer;
import io.sluice.proxy.testing.ScriptedServer.Asked;
import io.sluice.proxy.testing.TlsClients;
import io.sluice.proxy.tls.CertificateFiles;
import io.sluice.proxy.transport.ControlSocket;
import io.sluice.proxy.transport.Loops;
import io.sluice.testing.FreePorts;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One proxy takes the place of another; both in this JVM, which to the kernel is no different from two processes. */
class TakeOverIT {

    private static final Duration SOON = Duration.ofSeconds(30);

    @RegisterExtension
    static final RedisServer redis = RedisServer.onFreePort();

    @TempDir
    private Path folder;

    private final int port = FreePorts.next();
    private final int adminPort = FreePorts.next();
    private final List<Proxy> proxies = new ArrayList<>();
    private final List<Handover> handovers = new ArrayList<>();
    private CountDownLatch gone = new CountDownLatch(1);

    @AfterEach
    void stop() {
        handovers.forEach(Handover::close);
        proxies.forEach(Proxy::close);
    }

    @ParameterizedTest
    @ValueSource(strings = {"epoll", "io_uring"})
    void clientsUnderLoadNoticeNothing(String transport) throws Exception {
        RunningProxy.assumeAvailable(TransportPreference.valueOf(transport.toUpperCase(Locale.ROOT)));
        AtomicBoolean stop = new AtomicBoolean();
        start(yaml(transport, 2, redis.port()));
        List<Busy> clients = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            clients.add(new Busy(i, stop));
        }
        Newcomers newcomers = new Newcomers(stop);
        clients.forEach(Thread::start);
        newcomers.start();
        await().atMost(SOON).until(() -> clients.stream().allMatch(client -> client.replies.get() > 100));

        for (int workers : new int[] {2, 1, 3}) { // fewer and more than the one before
            long seen =
                    clients.stream().mapToLong(client -> client.replies.get()).sum();
            takeOver(yaml(transport, workers, redis.port()));
            await().atMost(SOON)
                    .until(() -> clients.stream()
                                    .mapToLong(client -> client.replies.get())
                                    .sum()
                            > seen + 20_000);
        }
        stop.set(true);
        for (Busy client : clients) {
            client.join(30_000);
        }
        newcomers.join(30_000);

        System.out.println("FIGURE take-over " + transport + ": replies="
                + clients.stream().mapToLong(client -> client.replies.get()).sum() + " connects="
                + newcomers.connects.get());
        assertThat(clients).allSatisfy(client -> assertThat(client.trouble).isEmpty());
        assertThat(newcomers.trouble).isEmpty();
    }

    /** Sends sixteen requests at a time and checks each reply, on one connection. */
    private final class Busy extends Thread {
        private final int number;
        private final AtomicBoolean stop;
        private final AtomicLong replies = new AtomicLong();
        private String trouble = "";

        Busy(int number, AtomicBoolean stop) {
            super("busy-" + number);
            this.number = number;
            this.stop = stop;
        }

        @Override
        public void run() {
            try (RespClient client = new RespClient(port)) {
                for (int round = 0; !stop.get() && trouble.isEmpty(); round++) {
                    for (int i = 0; i < 8; i++) {
                        client.send("SET", "busy:" + number + ":" + i, "v" + round);
                        client.send("GET", "busy:" + number + ":" + i);
                    }
                    client.flush();
                    for (int i = 0; i < 8; i++) {
                        check("OK", client.receive());
                        check("v" + round, client.receive());
                    }
                    replies.addAndGet(16);
                }
            } catch (IOException | RuntimeException e) {
                trouble = e.toString();
            }
        }

        private void check(String expected, @Nullable Object got) {
            if (!expected.equals(got)) {
                trouble = "expected " + expected + ", got " + got;
            }
        }
    }

    /** Connects, asks once, and goes, all the time. */
    private final class Newcomers extends Thread {
        private final AtomicBoolean stop;
        private final AtomicLong connects = new AtomicLong();
        private String trouble = "";

        Newcomers(AtomicBoolean stop) {
            super("newcomers");
            this.stop = stop;
        }

        @Override
        public void run() {
            while (!stop.get() && trouble.isEmpty()) {
                try (RespClient client = new RespClient(port)) {
                    Object reply = client.call("PING");
                    if (!"PONG".equals(reply)) {
                        trouble = "expected PONG, got " + reply;
                    }
                    connects.incrementAndGet();
                } catch (IOException | RuntimeException e) {
                    trouble = e.toString();
                }
            }
        }
    }

    // ---- single clients

    @Test
    void aClientTakesItsSessionAndTheBeginningOfARequestAlong() throws Exception {
        start(yaml("auto", 1, redis.port()));
        try (RespClient client = new RespClient(port)) {
            client.call("CLIENT", "SETNAME", "wanderer");
            Object id = client.call("CLIENT", "ID");
            client.sendRaw("*2\r\n$4\r\nECHO\r\n$5\r\nhel".getBytes(StandardCharsets.US_ASCII));
            client.flush();

            takeOver(yaml("auto", 1, redis.port()));

            client.sendRaw("lo\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(client.receive()).isEqualTo("hello");
            assertThat(client.call("CLIENT", "GETNAME")).isEqualTo("wanderer");
            assertThat(client.call("CLIENT", "ID")).isEqualTo(id);
        }
    }

    @Test
    void aClientStaysUntilItHasTheReplyItWaitsFor() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(ScriptedServer::silence)) {
            start(yaml("auto", 1, server.port()));
            try (RespClient client = new RespClient(port);
                    RespClient idle = new RespClient(port)) {
                idle.call("PING");
                client.send("GET", "slow");
                client.flush();
                Asked slow = server.next();

                CountDownLatch former = takeOverWithoutWaiting(yaml("auto", 1, server.port()));
                assertThat(idle.call("PING")).isEqualTo("PONG");
                assertThat(former.getCount()).isEqualTo(1);
                slow.replySensibly();

                assertThat(client.receive()).isEqualTo("value of slow");
                assertThat(former.await(30, TimeUnit.SECONDS)).isTrue();
                assertThat(client.call("PING")).isEqualTo("PONG");
            }
        }
    }

    @Test
    void theAdminAddressGoesOver() throws Exception {
        String admin = "admin: 127.0.0.1:" + adminPort + "\n";
        start(admin + yaml("auto", 1, redis.port()));
        assertThat(AdminClient.get(adminPort, "/ready").statusCode()).isEqualTo(200);

        takeOver(admin + yaml("auto", 2, redis.port()));

        assertThat(AdminClient.get(adminPort, "/ready").statusCode()).isEqualTo(200);
        assertThat(AdminClient.get(adminPort, "/topology").body()).contains("\"workers\": 2");
    }

    @Test
    void aUnixSocketGoesOverWithItsFile() throws Exception {
        Path socket = folder.resolve("s.sock");
        String yaml = yaml("auto", 1, redis.port()).replace("127.0.0.1:" + port, socket.toString());
        start(yaml);

        takeOver(yaml);

        assertThat(socket).exists();
        try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            assertThat(client.isConnected()).isTrue();
        }
    }

    @Test
    void aClientIsStillCountedByTheAddressThatItsBalancerAnnounced() throws Exception {
        String yaml = yaml("auto", 1, redis.port())
                + "    max_clients_per_address: 1\n    proxy_protocol: require\n    proxy_protocol_from: [127.0.0.1]\n";
        start(yaml);
        try (RespClient client = behindBalancer("192.0.2.7");
                RespClient other = behindBalancer("2001:db8::7")) {
            assertThat(client.call("PING")).isEqualTo("PONG");
            assertThat(other.call("PING")).isEqualTo("PONG");

            takeOver(yaml);

            assertThat(client.call("PING")).isEqualTo("PONG");
            assertThat(other.call("PING")).isEqualTo("PONG");
            assertThat(firstReplyBehindBalancer("192.0.2.7")).contains("max_clients_per_address");
            assertThat(firstReplyBehindBalancer("2001:db8:0:0::7")).contains("max_clients_per_address");
            assertThat(firstReplyBehindBalancer("192.0.2.8")).isEqualTo("PONG");
        }
    }

    private RespClient behindBalancer(String source) throws IOException {
        RespClient client = new RespClient(port);
        String header = source.contains(":")
                ? "PROXY TCP6 " + source + " 2001:db8::1 1000 6379\r\n"
                : "PROXY TCP4 " + source + " 192.0.2.1 1000 6379\r\n";
        client.sendRaw(header.getBytes(StandardCharsets.US_ASCII));
        return client;
    }

    private String firstReplyBehindBalancer(String source) throws IOException {
        try (RespClient client = behindBalancer(source)) {
            return String.valueOf(client.call("PING"));
        }
    }

    @Test
    void clientsBehindALoadBalancerKeepTheirAddressesEvenIfTheirHeadersAreStillToCome() throws Exception {
        String yaml = yaml("auto", 1, redis.port())
                + "    proxy_protocol: require\n    proxy_protocol_from: [127.0.0.1]\n    max_clients_per_address: 1\n";
        start(yaml);
        try (RespClient late = new RespClient(port);
                RespClient one = announced("192.0.2.7");
                RespClient other = announced("192.0.2.8")) {
            assertThat(one.call("PING")).isEqualTo("PONG"); // accepted in this order: so is the late one
            assertThat(other.call("PING")).isEqualTo("PONG");

            CountDownLatch former = takeOverWithoutWaiting(yaml);
            await().atMost(SOON).until(() -> proxies.get(1).clients() == 2);
            late.sendRaw((header("192.0.2.9") + "PING\r\nPIN").getBytes(StandardCharsets.US_ASCII));
            assertThat(late.receive()).isEqualTo("PONG");
            assertThat(former.await(30, TimeUnit.SECONDS)).isTrue();
            late.sendRaw("G\r\n".getBytes(StandardCharsets.US_ASCII));

            assertThat(late.receive()).isEqualTo("PONG");
            assertThat(one.call("PING")).isEqualTo("PONG");
            assertThat(other.call("PING")).isEqualTo("PONG");
            for (String known : List.of("192.0.2.7", "192.0.2.8", "192.0.2.9")) {
                try (RespClient again = announced(known)) {
                    assertThat(String.valueOf(again.receive())).contains("max_clients_per_address");
                }
            }
        }
    }

    @Test
    void aClientWhoseUserIsGoneGoesAndDoesNotBecomeTheDefaultUser() throws Exception {
        String stays =
                yaml("auto", 1, redis.port()) + "    users:\n      - stays on >secret allkeys +@connection +acl\n";
        start(stays + "      - goes on >secret allkeys +@connection\n");
        try (RespClient going = new RespClient(port);
                RespClient staying = new RespClient(port)) {
            assertThat(going.call("AUTH", "goes", "secret")).isEqualTo("OK");
            assertThat(staying.call("AUTH", "stays", "secret")).isEqualTo("OK");

            takeOver(stays);

            assertThatThrownBy(() -> going.call("GET", "x")).isInstanceOf(IOException.class);
            assertThat(staying.call("ACL", "WHOAMI")).isEqualTo("stays");
            assertThat(String.valueOf(staying.call("GET", "x"))).contains("NOPERM");
        }
    }

    @Test
    void whereOnlyTlsIsSpokenBothListenUntilTheFormerStops() throws Exception {
        Authority authority = new Authority(folder, "authority");
        CertificateFiles files = authority.issue("proxy").files();
        String yaml =
                "workers: 1\npools:\n  alpha:\n    tls_listen: 127.0.0.1:" + port + "\n    tls:\n      certificate: "
                        + files.certificate() + "\n      key: " + files.key() + "\n    servers:\n      - 127.0.0.1:"
                        + redis.port()
                        + ":1 shard-a\n";
        start(yaml);
        SSLContext trust = authority.trustedBy(null);
        try (RespClient before = TlsClients.connect(trust, port)) {
            assertThat(before.call("SET", "tls", "1")).isEqualTo("OK");

            takeOver(yaml);

            try (RespClient after = TlsClients.connect(trust, port)) {
                assertThat(after.call("GET", "tls")).isEqualTo("1");
            }
            assertThatThrownBy(() -> before.call("PING")).isInstanceOf(IOException.class);
        }
    }

    private RespClient announced(String address) throws IOException {
        RespClient client = new RespClient(port);
        client.sendRaw(header(address).getBytes(StandardCharsets.US_ASCII));
        return client;
    }

    private static String header(String address) {
        return "PROXY TCP4 " + address + " 192.0.2.1 1000 6379\r\n";
    }

    // ---- what goes wrong

    @Test
    void aProcessThatFailsToTakeOverLeavesTheOthersUnixSocketAlone() throws Exception {
        Path socket = folder.resolve("s.sock");
        String yaml = yaml("auto", 1, redis.port()).replace("127.0.0.1:" + port, socket.toString());
        start(yaml);
        String second = "  beta:\n    listen: " + folder.resolve("missing/b.sock")
                + "\n    servers:\n      - 127.0.0.1:" + redis.port() + ":1 shard-a\n";

        try (TakeOver asked = TakeOver.ask(control())) { // its second pool fails when the first is open
            assertThatThrownBy(() -> Proxy.start(config(yaml + second), asked))
                    .isInstanceOf(ProxyStartException.class)
                    .hasMessageContaining("pool beta");
        }

        try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            assertThat(client.isConnected()).isTrue();
        }
        takeOver(yaml);
        try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            assertThat(client.isConnected()).isTrue();
        }
    }

    @Test
    void aProcessWhoseFormerOneDiesMeanwhileServesInItsPlace() throws Exception {
        Proxy former = Proxy.start(config(yaml("auto", 1, redis.port())));
        proxies.add(former);
        Path path = folder.resolve("dying");
        try (ControlSocket listening = ControlSocket.listen(path.toString())) {
            Thread dying = new Thread(() -> offerAndDie(listening, former), "dying");
            dying.start();

            Proxy next = Proxy.start(config(yaml("auto", 1, redis.port())), TakeOver.ask(path));
            proxies.add(next);

            dying.join(30_000);
            try (RespClient client = new RespClient(port)) {
                assertThat(client.call("PING")).isEqualTo("PONG");
            }
        }
    }

    private static void offerAndDie(ControlSocket listening, Proxy former) {
        ControlSocket accepted = null;
        try {
            while (accepted == null) {
                accepted = listening.accept();
            }
            ControlConversation asking = new ControlConversation(accepted, SOON);
            asking.readLine();
            former.offerListeners(asking);
            asking.readLine();
            former.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            if (accepted != null) {
                accepted.close();
            }
        }
    }

    @Test
    void whoseSuccessorDiesServesAgainAndCanBeTakenOverAgain() throws Exception {
        start(yaml("auto", 1, redis.port()));
        ControlConversation dying =
                new ControlConversation(ControlSocket.connect(control().toString()), SOON);
        dying.sendLine(Handover.HELLO);
        assertThat(dying.readLine()).startsWith("LISTENERS 1 ");
        dying.readLine();
        Loops.closeInherited(dying.readDescriptor());
        Files.delete(control()); // as if it had put its own there, and removed that
        dying.sendLine(Handover.READY);
        dying.close();

        await().atMost(SOON).until(() -> Files.exists(control()));
        try (RespClient client = new RespClient(port)) {
            assertThat(client.call("PING")).isEqualTo("PONG");
        }
        takeOver(yaml("auto", 1, redis.port()));
        try (RespClient client = new RespClient(port)) {
            assertThat(client.call("PING")).isEqualTo("PONG");
        }
    }

    @Test
    void whoAsksAndGoesChangesNothing() throws Exception {
        start(yaml("auto", 1, redis.port()));

        TakeOver.ask(control()).close();
        TakeOver.ask(control()).close();

        try (RespClient client = new RespClient(port)) {
            assertThat(client.call("PING")).isEqualTo("PONG");
        }
        takeOver(yaml("auto", 1, redis.port()));
        try (RespClient client = new RespClient(port)) {
            assertThat(client.call("PING")).isEqualTo("PONG");
        }
    }

    @Test
    void withoutARunningProxyThereIsNothingToTakeOver() {
        assertThatThrownBy(() -> TakeOver.ask(control()))
                .isInstanceOf(ProxyStartException.class)
                .hasMessage("cannot take over at " + control() + ": nobody listens there");
    }

    // ---- helpers

    private void start(String yaml) throws Exception {
        serve(Proxy.start(config(yaml)));
    }

    private void serve(Proxy proxy) throws IOException {
        proxies.add(proxy);
        CountDownLatch latch = new CountDownLatch(1);
        gone = latch;
        handovers.add(Handover.listen(proxy, control(), latch::countDown));
    }

    private void takeOver(String yaml) throws Exception {
        CountDownLatch former = takeOverWithoutWaiting(yaml);
        assertThat(former.await(30, TimeUnit.SECONDS))
                .as("the former proxy ends")
                .isTrue();
    }

    private CountDownLatch takeOverWithoutWaiting(String yaml) throws Exception {
        CountDownLatch former = gone;
        Proxy next = Proxy.start(config(yaml), TakeOver.ask(control()));
        serve(next);
        return former;
    }

    private Path control() {
        return folder.resolve("control");
    }

    private ProxyConfig config(String yaml) throws IOException {
        Path file = folder.resolve("sluice.yaml");
        Files.writeString(file, yaml.contains("admin:") ? yaml : "admin: none\n" + yaml);
        return ProxyConfig.read(file);
    }

    private String yaml(String transport, int workers, int server) {
        return "workers: " + workers + "\ntransport: " + transport + "\npools:\n  alpha:\n    listen: 127.0.0.1:" + port
                + "\n    servers:\n      - 127.0.0.1:" + server + ":1 shard-a\n";
    }
}
