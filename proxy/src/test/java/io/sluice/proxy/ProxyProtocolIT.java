package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.admission.AddressRange;
import io.sluice.proxy.admission.AdmissionRule;
import io.sluice.proxy.admission.HeaderRule;
import io.sluice.proxy.admission.HeaderRule.Mode;
import io.sluice.proxy.config.Edge;
import io.sluice.proxy.testing.AdminClient;
import io.sluice.proxy.testing.Authority;
import io.sluice.proxy.testing.Edges;
import io.sluice.proxy.testing.ErrorLog;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.testing.FreePorts;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import javax.net.ssl.SSLSocket;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients behind a load balancer that says by a PROXY header who they are. */
class ProxyProtocolIT {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration HEADER_TIMEOUT = Duration.ofSeconds(1);
    private static final AdmissionRule ONE_PER_ADDRESS = new AdmissionRule(0, 1, 0, 0, 0, null);

    /** Version 2, for 192.0.2.7:1000 at 192.0.2.9:6379. */
    private static final byte[] BINARY =
            HexFormat.of().parseHex("0d0a0d0a000d0a515549540a" + "2111000c" + "c0000207c000020903e818eb");

    /** Version 2, by which the load balancer itself asks whether we are well. */
    private static final byte[] LOCAL = HexFormat.of().parseHex("0d0a0d0a000d0a515549540a" + "20000000");

    @TempDir
    static Path folder;

    @RegisterExtension
    static final RedisServer redis = RedisServer.onFreePort();

    private final ErrorLog errors = ErrorLog.listen(ProxyProtocolIT.class);
    private RunningProxy proxy = RunningProxy.overPorts(redis.port());

    @AfterEach
    void stop() {
        proxy.close();
        errors.assertEmpty();
        errors.close();
    }

    private void start(Mode mode, String trusted) throws Exception {
        start(Edges.headers(Edges.admission(Edge.OPEN, ONE_PER_ADDRESS), rule(mode, trusted)));
    }

    private void start(Edge edge) throws ProxyStartException {
        proxy = RunningProxy.overPorts(redis.port()).edge(edge).monitored().start();
    }

    private static HeaderRule rule(Mode mode, String trusted) throws UnknownHostException {
        return new HeaderRule(mode, List.of(new AddressRange(InetAddress.getByName(trusted), 32)), HEADER_TIMEOUT);
    }

    private RespClient begin(String header) throws IOException {
        return begin(header.getBytes(StandardCharsets.US_ASCII));
    }

    private RespClient begin(byte[] header) throws IOException {
        RespClient client = proxy.connect();
        client.sendRaw(header);
        return client;
    }

    private static String textHeader(String address) {
        return "PROXY TCP4 " + address + " 192.0.2.9 1000 6379\r\n";
    }

    private void awaitRefused(String reason) {
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> AdminClient.metrics(proxy.adminPort())
                                .value("sluice_client_connections_refused_total{pool=alpha, reason=" + reason + "}")
                        == 1);
        assertThat(proxy.proxy().clients()).isZero();
    }

    // ---- good headers

    @Test
    void theAnnouncedAddressIsTheOneThatCounts() throws Exception {
        start(Mode.REQUIRE, "127.0.0.1");
        try (RespClient one = begin(textHeader("192.0.2.7"));
                RespClient other = begin(textHeader("192.0.2.8"))) {
            assertThat(one.call("PING")).isEqualTo("PONG");
            assertThat(other.call("PING")).isEqualTo("PONG");
            try (RespClient again = begin(BINARY)) {
                assertThat(String.valueOf(again.receive())).contains("max number of clients of one address");
            }
        }
    }

    @Test
    void aHeaderMayComeByteByByteAndWithRequestsBehindIt() throws Exception {
        start(Mode.REQUIRE, "127.0.0.1");
        for (byte[] header : List.of(BINARY, textHeader("192.0.2.7").getBytes(StandardCharsets.US_ASCII))) {
            try (RespClient client = proxy.connect()) {
                for (int i = 0; i < header.length - 1; i++) {
                    client.sendRaw(new byte[] {header[i]});
                }
                byte[] last = {header[header.length - 1], 'P', 'I', 'N', 'G', '\r', '\n', 'P', 'I', 'N'};
                client.sendRaw(last);
                client.sendRaw("G\r\n".getBytes(StandardCharsets.US_ASCII));

                assertThat(client.receive()).isEqualTo("PONG");
                assertThat(client.receive()).isEqualTo("PONG");
            }
            Awaitility.await().atMost(PATIENCE).until(() -> proxy.proxy().clients() == 0);
        }
    }

    /** They are the load balancer itself, or somebody of whom it knows nothing: the real address counts. */
    @Test
    void connectionsForNobodyKeepTheirOwnAddress() throws Exception {
        start(Mode.REQUIRE, "127.0.0.1");
        try (RespClient local = begin(LOCAL);
                RespClient unknown = begin("PROXY UNKNOWN\r\n")) {
            List<String> answers = List.of(String.valueOf(local.call("PING")), String.valueOf(unknown.call("PING")));

            assertThat(answers).contains("PONG");
            assertThat(answers).anyMatch(answer -> answer.contains("max number of clients of one address"));
        }
    }

    // ---- bad headers

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PING\r\n",
                "PROXY TCP4 192.0.2.7\r\n",
                "PROXY TCP4 nonsense 192.0.2.9 1000 6379\r\n",
                "PROXY TCP4 192.0.2.7 192.0.2.9 99999 6379\r\n",
                "\r\n\r\nnothing of the kind"
            })
    void whatIsNoHeaderGetsOneErrorAndTheEnd(String bytes) throws Exception {
        start(Mode.REQUIRE, "127.0.0.1");
        try (RespClient client = begin(bytes)) {
            assertThat(String.valueOf(client.receive()))
                    .contains("ERR Protocol error: no PROXY protocol header as configured");
            assertThat(client.isAtEnd()).isTrue();
        }
        awaitRefused("proxy_header");
    }

    @Test
    void aHeaderThatDoesNotComeInTimeIsNotWaitedForAnyLonger() throws Exception {
        start(Mode.REQUIRE, "127.0.0.1");
        try (RespClient client = begin("PROXY TC")) {
            assertThat(String.valueOf(client.receive()))
                    .contains("ERR Protocol error: no PROXY protocol header in time");
            assertThat(client.isAtEnd()).isTrue();
        }
        awaitRefused("proxy_header_late");
    }

    // ---- whom to believe

    @Test
    void whoIsNotTrustedIsRefusedWhereHeadersAreRequired() throws Exception {
        start(Mode.REQUIRE, "192.0.2.1");
        try (RespClient client = begin(textHeader("192.0.2.7"))) {
            assertThat(String.valueOf(client.receive())).contains("not a trusted source of the PROXY protocol");
            assertThat(client.isAtEnd()).isTrue();
        }
        awaitRefused("proxy_header_untrusted");
    }

    @Test
    void whoIsNotTrustedIsAClientLikeAnyOtherWhereHeadersAreNotRequired() throws Exception {
        start(Mode.TRUSTED, "192.0.2.1");
        try (RespClient client = proxy.connect()) {
            assertThat(client.call("PING")).isEqualTo("PONG");
        }
        Awaitility.await().atMost(PATIENCE).until(() -> proxy.proxy().clients() == 0);
        try (RespClient liar = begin(textHeader("192.0.2.7"))) {
            assertThat(String.valueOf(liar.receive())).startsWith("RespError").contains("unknown command 'PROXY'");
        }
    }

    // ---- with TLS

    @Test
    void theHeaderComesBeforeTls() throws Exception {
        Authority authority = new Authority(folder, "authority");
        int tlsPort = FreePorts.next();
        Edge tls = Edges.tls(tlsPort, Edges.listener(authority.issue("proxy").files()));
        start(Edges.headers(Edges.admission(tls, ONE_PER_ADDRESS), rule(Mode.REQUIRE, "127.0.0.1")));

        try (RespClient one = overTls(authority, tlsPort, textHeader("192.0.2.7"));
                RespClient other = overTls(authority, tlsPort, textHeader("192.0.2.8"));
                RespClient again = overTls(authority, tlsPort, textHeader("192.0.2.8"))) {
            assertThat(one.call("PING")).isEqualTo("PONG");
            assertThat(other.call("PING")).isEqualTo("PONG");
            assertThat(String.valueOf(again.receive())).contains("max number of clients of one address");
        }
        try (Socket nothing = new Socket(InetAddress.getLoopbackAddress(), tlsPort)) {
            nothing.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
            nothing.setSoTimeout(Math.toIntExact(PATIENCE.toMillis()));
            assertThat(closed(nothing)).isTrue();
        }
        awaitRefused("proxy_header");
    }

    private static boolean closed(Socket socket) {
        try {
            return socket.getInputStream().read() < 0;
        } catch (IOException reset) {
            return true;
        }
    }

    private static RespClient overTls(Authority authority, int port, String header) throws Exception {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.getOutputStream().write(header.getBytes(StandardCharsets.US_ASCII));
        SSLSocket tls =
                (SSLSocket) authority.trustedBy(null).getSocketFactory().createSocket(socket, "127.0.0.1", port, true);
        tls.startHandshake();
        return new RespClient(tls);
    }
}
