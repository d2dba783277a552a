package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.proxy.testing.AdminClient;
import io.sluice.proxy.testing.Authority;
import io.sluice.proxy.testing.Authority.Issued;
import io.sluice.proxy.testing.Edges;
import io.sluice.proxy.testing.ErrorLog;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.proxy.testing.Shards;
import io.sluice.proxy.testing.TlsClients;
import io.sluice.proxy.tls.ClientCertificates;
import io.sluice.proxy.tls.ListenerTls;
import io.sluice.proxy.tls.TlsEngine;
import io.sluice.testing.Binaries;
import io.sluice.testing.FreePorts;
import io.sluice.testing.RespClient;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Clients that speak TLS. */
class TlsIT {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    static Path folder;

    @RegisterExtension
    static final Shards shards = Shards.three();

    private static Authority authority;
    private static Authority stranger;
    private static Issued own;

    private final int tlsPort = FreePorts.next();
    private final ErrorLog errors = ErrorLog.listen(TlsIT.class);
    private RunningProxy proxy = shards.proxy();

    @BeforeAll
    static void issue() throws Exception {
        authority = new Authority(folder, "authority");
        stranger = new Authority(folder, "stranger");
        own = authority.issue("proxy");
    }

    @BeforeEach
    void flush() throws IOException {
        shards.flush();
    }

    @AfterEach
    void stop() {
        System.clearProperty(TlsEngine.PROPERTY);
        proxy.close();
        errors.assertEmpty();
        errors.close();
    }

    private RunningProxy start(ListenerTls tls) throws ProxyStartException {
        proxy = shards.proxy().edge(Edges.tls(tlsPort, tls)).monitored().start();
        return proxy;
    }

    private RespClient connect(@Nullable Issued client) throws Exception {
        return TlsClients.connect(authority.trustedBy(client), tlsPort);
    }

    private double metric(String name) throws Exception {
        return AdminClient.metrics(proxy.adminPort()).value(name);
    }

    // ---- traffic

    @ParameterizedTest
    @EnumSource(TlsEngine.class)
    void valuesOfAllSizesComeThroughWhole(TlsEngine engine) throws Exception {
        System.setProperty(TlsEngine.PROPERTY, engine.name().toLowerCase(Locale.ROOT));
        RunningProxy running = start(Edges.listener(own.files()));
        try (RespClient tls = connect(null);
                RespClient clear = running.connect()) {
            for (int size : new int[] {0, 1, 16_383, 16_384, 16_385, 65_536, 1 << 20}) {
                String value = "x".repeat(size);

                assertThat(tls.call("SET", "size" + size, value)).isEqualTo("OK");

                assertThat(tls.call("GET", "size" + size)).as("%d bytes", size).isEqualTo(value);
                assertThat(clear.call("GET", "size" + size))
                        .as("%d bytes", size)
                        .isEqualTo(value);
            }
        }
        assertThat(metric("sluice_client_tls_handshakes_total{pool=alpha}")).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(TlsEngine.class)
    void longPipelinesAreAnsweredInOrder(TlsEngine engine) throws Exception {
        System.setProperty(TlsEngine.PROPERTY, engine.name().toLowerCase(Locale.ROOT));
        start(Edges.listener(own.files()));
        int requests = 10_000;
        try (RespClient client = connect(null)) {
            Thread sender = new Thread(() -> send(client, requests));
            sender.start();

            for (int i = 0; i < requests; i++) {
                assertThat(client.receive()).isEqualTo(i % 2 == 0 ? "OK" : "value" + (i - 1));
            }
            sender.join();
        }
    }

    private static void send(RespClient client, int requests) {
        try {
            for (int i = 0; i < requests; i += 2) {
                client.send("SET", "key" + i, "value" + i);
                client.send("GET", "key" + i);
            }
            client.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** More than client and sockets can hold: the proxy must wait, not gather. */
    @Test
    void aClientThatReadsSlowlyGetsEverything() throws Exception {
        RunningProxy running = start(Edges.listener(own.files()));
        String value = "v".repeat(1 << 20);
        int requests = 40;
        try (RespClient client = connect(null)) {
            client.call("SET", "large", value);
            for (int i = 0; i < requests; i++) {
                client.send("GET", "large");
            }
            client.flush();
            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> running.proxy().budget().usedBytes() > 1 << 20);

            for (int i = 0; i < requests; i++) {
                assertThat(client.receive()).isEqualTo(value);
            }
        }
        Awaitility.await().atMost(PATIENCE).until(() -> running.proxy().budget().usedBytes() == 0);
    }

    @Test
    void redisCliSpeaksTls() throws Exception {
        start(Edges.listener(own.files()));

        assertThat(redisCli("set", "from-cli", "1")).isEqualTo("OK\n");
        assertThat(redisCli("mget", "from-cli", "none")).isEqualTo("1\n\n");
    }

    private String redisCli(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Binaries.onPathOrSkip("redis", "redis-cli").toString(),
                "-p",
                String.valueOf(tlsPort),
                "--tls",
                "--cacert",
                authority.certificate().toString()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            return output;
        } finally {
            process.destroyForcibly();
        }
    }

    /** A client that has said all it has to say may still wait for its replies. */
    @Test
    void whoClosesHalfOfTheConnectionGetsItsReplies() throws Exception {
        start(Edges.listener(own.files()));
        try (RespClient client = connect(null)) {
            client.call("SET", "half", "1");
            client.send("GET", "half");
            client.send("QUIT");

            assertThat(client.receive()).isEqualTo("1");
            assertThat(client.receive()).isEqualTo("OK");
            assertThat(client.isAtEnd()).isTrue();
        }
    }

    // ---- who may connect

    @ParameterizedTest
    @EnumSource(TlsEngine.class)
    void onlyClientsWithAGoodCertificateAreServed(TlsEngine engine) throws Exception {
        System.setProperty(TlsEngine.PROPERTY, engine.name().toLowerCase(Locale.ROOT));
        start(Edges.listener(own.files(), authority.certificate(), ClientCertificates.REQUIRE));

        try (RespClient known = connect(authority.issue("client"))) {
            assertThat(known.call("PING")).isEqualTo("PONG");
        }
        assertThatThrownBy(() -> pingWith(null)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> pingWith(stranger.issue("client"))).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> pingWith(authority.issueExpired("client"))).isInstanceOf(IOException.class);
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> metric("sluice_client_tls_failures_total{pool=alpha, reason=certificate}") == 3);
        assertThat(proxy.proxy().clients()).isZero();
    }

    /** With TLS 1.3 a client learns only from the first reply that it was refused. */
    private void pingWith(@Nullable Issued certificate) throws Exception {
        try (RespClient client = connect(certificate)) {
            client.call("PING");
        }
    }

    @Test
    void aCertificateThatIsOptionalMustBeGoodAllTheSame() throws Exception {
        start(Edges.listener(own.files(), authority.certificate(), ClientCertificates.OPTIONAL));

        pingWith(null);
        pingWith(authority.issue("client"));
        assertThatThrownBy(() -> pingWith(stranger.issue("client"))).isInstanceOf(IOException.class);
    }

    @Test
    void clearTextOnThePortForTlsIsRefusedAndCounted() throws Exception {
        RunningProxy running = start(Edges.listener(own.files()));

        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), tlsPort)) {
            socket.setSoTimeout(Math.toIntExact(PATIENCE.toMillis()));
            socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));

            assertThat(readToTheEnd(socket.getInputStream())).doesNotContain("PONG");
        }
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> metric("sluice_client_tls_failures_total{pool=alpha, reason=protocol}") == 1);
        assertThat(running.proxy().clients()).isZero();
    }

    private static String readToTheEnd(InputStream in) {
        try {
            return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
        } catch (IOException reset) {
            return "";
        }
    }

    // ---- bounds

    @Test
    void whoDoesNotFinishTheHandshakeIsClosed() throws Exception {
        start(Edges.withBounds(own.files(), Duration.ofMillis(200), 16));

        try (Socket silent = new Socket(InetAddress.getLoopbackAddress(), tlsPort)) {
            silent.setSoTimeout(Math.toIntExact(PATIENCE.toMillis()));

            assertThat(readToTheEnd(silent.getInputStream())).isEmpty();
        }
        assertThat(metric("sluice_client_tls_failures_total{pool=alpha, reason=late}"))
                .isEqualTo(1);
    }

    /** Those who come later wait in the backlog until the silent ones are thrown out. */
    @Test
    void tooManyHandshakesMakeTheNextClientsWait() throws Exception {
        start(Edges.withBounds(own.files(), Duration.ofMillis(1_500), 4));
        List<Socket> silent = new ArrayList<>();
        try {
            for (int i = 0; i < 12; i++) {
                silent.add(new Socket(InetAddress.getLoopbackAddress(), tlsPort));
            }

            try (RespClient client = connect(null)) {
                assertThat(client.call("PING")).isEqualTo("PONG");
            }
        } finally {
            for (Socket socket : silent) {
                socket.close();
            }
        }
        assertThat(metric("sluice_client_tls_failures_total{pool=alpha, reason=late}"))
                .isGreaterThanOrEqualTo(4);
    }

    // ---- which certificate

    @Test
    void theHostThatAClientNamesDecidesWhichCertificateItSees() throws Exception {
        Issued one = authority.issue("one", "one.example.com");
        Issued all = authority.issueRsa("all");
        start(Edges.withNames(own.files(), Map.of("one.example.com", one.files(), "*.cache.example.com", all.files())));

        assertThat(TlsClients.seen(authority.trustedBy(null), tlsPort))
                .isEqualTo(own.bundle().getCertificate());
        assertThat(TlsClients.seen(authority.trustedBy(null), tlsPort, "one.example.com"))
                .isEqualTo(one.bundle().getCertificate());
        assertThat(TlsClients.seen(authority.trustedBy(null), tlsPort, "eu.cache.example.com"))
                .isEqualTo(all.bundle().getCertificate());
        assertThat(TlsClients.seen(authority.trustedBy(null), tlsPort, "other.example.com"))
                .isEqualTo(own.bundle().getCertificate());
    }

    @Test
    void aRenewedCertificateIsUsedWithoutAnErrorForAnybody() throws Exception {
        Issued current = authority.issue("current");
        Issued renewed = authority.issue("renewed");
        start(Edges.listener(current.files()));
        AtomicBoolean done = new AtomicBoolean();
        AtomicInteger rounds = new AtomicInteger();
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        List<Thread> load = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            int client = i;
            boolean reconnects = i % 2 == 0;
            load.add(new Thread(() -> work("load" + client, reconnects, done, rounds, failure)));
        }
        load.forEach(Thread::start);
        try (RespClient old = connect(null)) {
            assertThat(old.call("PING")).isEqualTo("PONG");

            renewed.replace(current.files());
            awaitSeen(renewed);
            int before = rounds.get();
            Awaitility.await().atMost(PATIENCE).until(() -> rounds.get() > before + 50);

            assertThat(old.call("PING")).isEqualTo("PONG");
        } finally {
            done.set(true);
            for (Thread each : load) {
                each.join();
            }
        }
        assertThat(failure.get()).isNull();
        assertThat(metric("sluice_tls_reloads_total{pool=alpha, section=tls}")).isEqualTo(1);
    }

    /** Writes and reads back; every second client over a new connection each time. */
    private void work(
            String key,
            boolean reconnects,
            AtomicBoolean done,
            AtomicInteger rounds,
            AtomicReference<@Nullable Throwable> failure) {
        try {
            RespClient client = connect(null);
            for (int i = 0; !done.get(); i++) {
                assertThat(client.call("SET", key, "value" + i)).isEqualTo("OK");
                assertThat(client.call("GET", key)).isEqualTo("value" + i);
                rounds.incrementAndGet();
                if (reconnects) {
                    client.close();
                    client = connect(null);
                }
            }
            client.close();
        } catch (Throwable e) { // told by the test
            failure.compareAndSet(null, e);
        }
    }

    private void awaitSeen(Issued expected) {
        Awaitility.await()
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(TlsClients.seen(authority.trustedBy(null), tlsPort))
                        .isEqualTo(expected.bundle().getCertificate()));
    }
}
