package io.sluice.proxy.config;

import static io.sluice.proxy.config.ConfigText.ownPool;
import static io.sluice.proxy.config.ConfigText.problems;
import static io.sluice.proxy.config.ConfigText.read;
import static io.sluice.proxy.config.ConfigText.twemproxyPool;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.admission.AdmissionRule;
import io.sluice.proxy.admission.HeaderRule;
import io.sluice.proxy.config.ProxyConfig.Pool;
import io.sluice.proxy.testing.Authority;
import io.sluice.proxy.testing.Authority.Issued;
import io.sluice.proxy.tls.CertificateFiles;
import io.sluice.proxy.tls.ClientCertificates;
import io.sluice.proxy.tls.ListenerTls;
import io.sluice.proxy.tls.ServerTls;
import io.sluice.routing.config.ConfigProblem;
import io.sluice.routing.topology.ServerAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The keys of a pool that say how connections begin and end. */
class EdgeTest {

    @TempDir
    static Path folder;

    private static Authority authority;
    private static CertificateFiles own;
    private static CertificateFiles other;

    @BeforeAll
    static void issue() throws Exception {
        authority = new Authority(folder, "authority");
        own = authority.issue("own").files();
        other = authority.issue("other").files();
    }

    private static Edge edge(String... lines) {
        ProxyConfig config = read(ownPool(lines));
        assertThat(config.warnings()).isEmpty();
        return config.pools().get(0).edge();
    }

    private static List<String> told(String... lines) {
        return problems(ownPool(lines)).stream().map(ConfigProblem::toString).toList();
    }

    private static String[] tls(String... lines) {
        return Stream.concat(
                        Stream.of(
                                "tls_listen: 127.0.0.1:22122",
                                "tls:",
                                "  certificate: " + own.certificate(),
                                "  key: " + own.key()),
                        Arrays.stream(lines))
                .toArray(String[]::new);
    }

    // ---- good files

    @Test
    void withoutThemNothingIsLimitedOrEncrypted() {
        assertThat(edge())
                .isEqualTo(new Edge(
                        null,
                        null,
                        null,
                        AdmissionRule.NO_LIMIT,
                        HeaderRule.OFF,
                        null,
                        new ServerWatch(false, Duration.ofSeconds(30))));
        assertThat(read(twemproxyPool()).pools().get(0).edge()).isEqualTo(Edge.OPEN);
    }

    @Test
    void allKeysOfTlsAreRead() {
        Edge edge = edge(tls(
                "  ca: " + authority.certificate(),
                "  client_auth: require",
                "  handshake_timeout: 3s",
                "  max_handshakes: 7",
                "  sni:",
                "    A.Example.com:",
                "      certificate: " + other.certificate(),
                "      key: " + other.key(),
                "    \"*.b.example.com\": {certificate: " + other.certificate() + ", key: " + other.key() + "}",
                "server_tls:",
                "  ca: " + authority.certificate(),
                "  certificate: " + other.certificate(),
                "  key: " + other.key(),
                "  server_name: cache.example.com",
                "  verify: true"));

        assertThat(edge.tlsListen()).isEqualTo(ServerAddress.tcp("127.0.0.1", 22122));
        assertThat(edge.tls())
                .isEqualTo(new ListenerTls(
                        own,
                        Map.of("a.example.com", other, "*.b.example.com", other),
                        authority.certificate(),
                        ClientCertificates.REQUIRE,
                        Duration.ofSeconds(3),
                        7));
        assertThat(edge.serverTls())
                .isEqualTo(new ServerTls(authority.certificate(), other, "cache.example.com", true));
    }

    @Test
    void serverTlsHasADefaultForEverything() {
        assertThat(edge("server_tls: {}").serverTls()).isEqualTo(new ServerTls(null, null, null, true));
    }

    @Test
    void allLimitsAreRead() {
        Edge edge = edge(
                "max_clients: 100",
                "max_clients_per_address: 10",
                "accept_rate: 50",
                "accept_burst: 5",
                "max_in_flight: 1000",
                "client_idle_timeout: 5m",
                "server_idle_timeout: 1m");

        assertThat(edge.admission()).isEqualTo(new AdmissionRule(100, 10, 50, 5, 1000, Duration.ofMinutes(5)));
        assertThat(edge.serverIdleTimeout()).isEqualTo(Duration.ofMinutes(1));
    }

    @Test
    void howServersAreWatchedIsRead() {
        assertThat(edge("check_role: true", "resolve_interval: -1").servers()).isEqualTo(new ServerWatch(true, null));
        assertThat(edge("resolve_interval: 5s").servers()).isEqualTo(new ServerWatch(false, Duration.ofSeconds(5)));
    }

    @Test
    void serversOfMemcachedHaveNoRoles() {
        assertThat(told("protocol: memcache", "check_role: true"))
                .singleElement()
                .asString()
                .contains("check_role: found in a memcached pool");
    }

    @Test
    void aBurstIsASecondsWorthUnlessItIsSaid() {
        assertThat(edge("accept_rate: 50").admission().acceptBurst()).isEqualTo(50);
    }

    @Test
    void theProxyProtocolIsRead() {
        HeaderRule rule = edge(
                        "proxy_protocol: trusted",
                        "proxy_protocol_from: [10.0.0.0/8, 192.0.2.1, 'fd00::/8']",
                        "proxy_protocol_timeout: 1s")
                .headers();

        assertThat(rule.mode()).isEqualTo(HeaderRule.Mode.TRUSTED);
        assertThat(rule.timeout()).isEqualTo(Duration.ofSeconds(1));
        assertThat(rule.sources())
                .extracting(Object::toString)
                .containsExactly("10.0.0.0/8", "192.0.2.1/32", "fd00:0:0:0:0:0:0:0/8");
    }

    @Test
    void aPoolMayListenForTlsAlone() {
        Pool pool = read("pools:\n  alpha:\n    tls_listen: 127.0.0.1:22122\n    tls:\n      certificate: "
                        + own.certificate() + "\n      key: " + own.key()
                        + "\n    servers:\n      - 127.0.0.1:6379:1\n")
                .pools()
                .get(0);

        assertThat(pool.listen().address()).isEqualTo(ServerAddress.tcp("127.0.0.1", 22122));
        assertThat(pool.edge().isTlsOnly(pool.listen())).isTrue();
    }

    // ---- mistakes

    @Test
    void filesThatAreMissingOrDoNotFitAreToldWithTheirKey() throws Exception {
        Path none = folder.resolve("none.pem");
        Path nothing = Files.writeString(folder.resolve("nothing.pem"), "nothing");

        assertThat(told("tls_listen: 127.0.0.1:22122", "tls:", "  certificate: " + none, "  key: " + own.key()))
                .containsExactly("f.yml:8:20: pools.alpha.tls.certificate: " + none + ": no such file");
        assertThat(told(
                        "tls_listen: 127.0.0.1:22122",
                        "tls:",
                        "  certificate: " + own.certificate(),
                        "  key: " + other.key()))
                .containsExactly("f.yml:9:12: pools.alpha.tls.key: " + other.key()
                        + ": does not belong to the certificate in " + own.certificate());
        assertThat(told(tls("  ca: " + nothing, "  client_auth: optional")))
                .containsExactly("f.yml:10:11: pools.alpha.tls.ca: " + nothing
                        + ": holds no certificate; expected '-----BEGIN CERTIFICATE-----'");
        assertThat(told("server_tls:", "  ca: " + none, "  key: " + own.key()))
                .hasSize(2)
                .anySatisfy(line -> assertThat(line).contains("pools.alpha.server_tls.certificate: missing"))
                .anySatisfy(line -> assertThat(line).endsWith("server_tls.ca: " + none + ": no such file"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "tls_listen: 127.0.0.1:1 | tls_listen: found without a certificate",
                "tls_listen: /tmp/x.sock | is not an address for TLS; expected host:port",
                "max_clients: -1 | max_clients: '-1' is out of range",
                "accept_burst: x | accept_burst: 'x' is not an integer",
                "client_idle_timeout: 10 | client_idle_timeout: '10' is out of range",
                "proxy_protocol: require | proxy_protocol: nobody is trusted",
                "proxy_protocol: on | 'on' is not a way to take PROXY headers; expected one of off, require, trusted",
                "proxy_protocol_from: 10.0.0.0/33 | '10.0.0.0/33' is not a range",
                "proxy_protocol_from: [example.com] | 'example.com' is not an address",
            })
    void mistakesAreTold(String line, String expected) {
        assertThat(told(line)).anySatisfy(told -> assertThat(told).contains(expected));
    }

    @Test
    void mistakesWithinTlsAreTold() {
        assertThat(told(tls("  client_auth: require")))
                .singleElement()
                .satisfies(line -> assertThat(line)
                        .startsWith("f.yml:10:20: pools.alpha.tls.client_auth: nobody could be believed"));
        assertThat(told(tls("  sni: {'a b': {}}")))
                .singleElement()
                .satisfies(line -> assertThat(line).contains("not the name of a host"));
        assertThat(told(tls("  protocols: [TLSv1]")))
                .singleElement()
                .satisfies(line -> assertThat(line).contains("unknown key"));
    }

    @Test
    void anAddressIsTakenOnce() {
        String[] lines = tls();
        lines[0] = "tls_listen: 127.0.0.1:22121";

        assertThat(told(lines))
                .singleElement()
                .satisfies(line ->
                        assertThat(line).contains("tls_listen: pool 'alpha' listens on 127.0.0.1:22121 already"));
    }

    // ---- warnings

    @Test
    void anExpiredCertificateIsAWarning() throws Exception {
        Issued expired = authority.issueExpired("expired");

        ProxyConfig config = read(ownPool(
                "tls_listen: 127.0.0.1:22122",
                "tls:",
                "  certificate: " + expired.files().certificate(),
                "  key: " + expired.files().key()));

        assertThat(config.warnings())
                .singleElement()
                .satisfies(line -> assertThat(line)
                        .startsWith("f.yml:8:20: warning: pools.alpha.tls.certificate: ")
                        .contains(": expired at "));
    }

    @Test
    void whatHasNoEffectIsAWarning() {
        assertThat(read(ownPool("accept_burst: 5")).warnings())
                .singleElement()
                .satisfies(line -> assertThat(line).contains("accept_burst: has no effect without accept_rate"));
        assertThat(read(ownPool(tls("  ca: " + authority.certificate()))).warnings())
                .singleElement()
                .satisfies(line -> assertThat(line).contains("has no effect while client_auth is none"));
    }
}
