package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.config.Edge;
import io.sluice.proxy.testing.AdminClient;
import io.sluice.proxy.testing.Authority;
import io.sluice.proxy.testing.Authority.Issued;
import io.sluice.proxy.testing.Edges;
import io.sluice.proxy.testing.ErrorLog;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.proxy.tls.ServerTls;
import io.sluice.proxy.tls.TlsEngine;
import io.sluice.testing.Binaries;
import io.sluice.testing.FreePorts;
import io.sluice.testing.MemcachedServer;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import io.sluice.testing.TextClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.opentest4j.TestAbortedException;

/** Servers that speak TLS, and ask for a certificate: real ones. */
class TlsServersIT {

    private static final int TLS_PORT = FreePorts.next();

    @TempDir
    static Path folder;

    private static Authority authority;
    private static Authority stranger;
    private static Issued server;
    private static Issued own;
    private static RedisServer redis;

    private final ErrorLog errors = ErrorLog.listen(TlsServersIT.class);
    private RunningProxy proxy = RunningProxy.overPorts(TLS_PORT);

    @BeforeAll
    static void start() throws Exception {
        authority = new Authority(folder, "authority");
        stranger = new Authority(folder, "stranger");
        server = authority.issue("server", "redis.internal.example.com");
        own = authority.issue("proxy");
        redis = RedisServer.onFreePort()
                .withArguments(
                        "--tls-port",
                        String.valueOf(TLS_PORT),
                        "--tls-cert-file",
                        server.files().certificate().toString(),
                        "--tls-key-file",
                        server.files().key().toString(),
                        "--tls-ca-cert-file",
                        authority.certificate().toString(),
                        "--tls-auth-clients",
                        "yes");
        redis.start();
    }

    @AfterAll
    static void end() {
        redis.close();
    }

    @AfterEach
    void stop() {
        System.clearProperty(TlsEngine.PROPERTY);
        proxy.close();
        errors.assertEmpty();
        errors.close();
    }

    private RespClient clientOf(ServerTls tls) throws Exception {
        proxy = RunningProxy.overPorts(TLS_PORT)
                .edge(Edges.serverTls(Edge.OPEN, tls))
                .monitored()
                .start();
        return proxy.connect();
    }

    private static ServerTls tls(@Nullable Authority believed, @Nullable Issued shown, @Nullable String name) {
        return new ServerTls(
                believed == null ? null : believed.certificate(), shown == null ? null : shown.files(), name, true);
    }

    @ParameterizedTest
    @EnumSource(TlsEngine.class)
    void requestsAndRepliesOfAllSizesPass(TlsEngine engine) throws Exception {
        System.setProperty(TlsEngine.PROPERTY, engine.name().toLowerCase(Locale.ROOT));
        try (RespClient client = clientOf(tls(authority, own, null))) {
            for (int size : new int[] {0, 16_384, 100_000, 1 << 20}) {
                String value = "y".repeat(size);

                assertThat(client.call("SET", "k", value)).isEqualTo("OK");

                assertThat(client.call("GET", "k")).as("%d bytes", size).isEqualTo(value);
            }
            for (int i = 0; i < 5_000; i++) {
                client.send("INCR", "n" + engine);
            }
            for (int i = 0; i < 5_000; i++) {
                assertThat(client.receive()).isEqualTo(i + 1L);
            }
        }
    }

    @Test
    void aServerMayHaveAnotherNameThanItsAddress() throws Exception {
        try (RespClient client = clientOf(tls(authority, own, "redis.internal.example.com"))) {
            assertThat(client.call("SET", "named", "1")).isEqualTo("OK");
        }
    }

    @Test
    void aServerWithAnotherNameIsNotBelieved() throws Exception {
        assertUnreachable(tls(authority, own, "other.example.com"));
    }

    @Test
    void aServerOfAnotherAuthorityIsNotBelieved() throws Exception {
        assertUnreachable(tls(stranger, own, null));
    }

    @ParameterizedTest
    @EnumSource(TlsEngine.class)
    void withoutACertificateOfItsOwnTheProxyIsRefused(TlsEngine engine) throws Exception {
        System.setProperty(TlsEngine.PROPERTY, engine.name().toLowerCase(Locale.ROOT));

        try (RespClient client = clientOf(tls(authority, null, null))) {
            assertThat(String.valueOf(client.call("GET", "k"))).contains("ERR ");
        }
    }

    private void assertUnreachable(ServerTls tls) throws Exception {
        try (RespClient client = clientOf(tls)) {
            assertThat(String.valueOf(client.call("GET", "k")))
                    .contains("ERR Connection refused: server=server0")
                    .contains("cannot connect: TLS: ");
        }
    }

    @Test
    void whoeverWantsItMayBelieveAnybody() throws Exception {
        try (RespClient client = clientOf(new ServerTls(null, own.files(), null, false))) {
            assertThat(client.call("SET", "unverified", "1")).isEqualTo("OK");
        }
    }

    /** What the proxy shows is renewed: connections go on, and new ones show the new certificate. */
    @Test
    void theProxysOwnCertificateMayBeRenewed() throws Exception {
        Issued old = authority.issue("old");
        try (RespClient client = clientOf(tls(authority, old, null))) {
            assertThat(client.call("SET", "renewed", "0")).isEqualTo("OK");

            authority.issue("new").replace(old.files());
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> AdminClient.metrics(proxy.adminPort())
                                    .value("sluice_tls_reloads_total{pool=alpha, section=server_tls}")
                            == 1);

            assertThat(client.call("INCR", "renewed")).isEqualTo(1L);
        }
    }

    @Test
    void memcachedSpeaksTlsToo() throws Exception {
        if (!speaksTls(Binaries.onPathOrSkip("memcached", "memcached"))) {
            throw new TestAbortedException("Skipped, this memcached was built without TLS");
        }
        int tlsPort = FreePorts.next();
        try (MemcachedServer memcached = MemcachedServer.onFreePort()
                        .withTls(
                                tlsPort,
                                server.files().certificate(),
                                server.files().key());
                RunningProxy caches = RunningProxy.overPorts(tlsPort)
                        .memcache()
                        .edge(Edges.serverTls(Edge.OPEN, tls(authority, null, null)))) {
            memcached.start();
            caches.start();

            try (TextClient client = new TextClient("127.0.0.1", caches.port())) {
                assertThat(client.ask("set k 0 0 5\r\nhello")).startsWith("STORED");
                client.send("get k\r\n");
                assertThat(client.reply()).startsWith("VALUE k 0 5");
            }
            assertThat(memcached.items()).isEqualTo(1);
        }
    }

    private static boolean speaksTls(Path memcached) throws Exception {
        Process help = new ProcessBuilder(memcached.toString(), "-h")
                .redirectErrorStream(true)
                .start();
        String text = new String(help.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        help.waitFor();
        return text.contains("--enable-ssl");
    }
}
