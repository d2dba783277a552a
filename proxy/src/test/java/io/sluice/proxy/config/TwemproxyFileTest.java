package io.sluice.proxy.config;

import static io.sluice.proxy.config.ConfigText.read;
import static io.sluice.proxy.config.ConfigText.twemproxyPool;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.config.ProxyConfig.Limits;
import io.sluice.proxy.config.ProxyConfig.Listener;
import io.sluice.proxy.config.ProxyConfig.Pool;
import io.sluice.proxy.config.ProxyConfig.Retries;
import io.sluice.proxy.config.ProxyConfig.TransportPreference;
import io.sluice.routing.config.Dialect;
import io.sluice.routing.config.PoolDefinition;
import io.sluice.routing.distribution.DistributionKind;
import io.sluice.routing.hash.HashAlgorithm;
import io.sluice.routing.hash.HashTag;
import io.sluice.routing.topology.PoolProtocol;
import io.sluice.routing.topology.Server;
import io.sluice.routing.topology.ServerAddress;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TwemproxyFileTest {

    @Test
    void everyKeyHasTwemproxysDefault() {
        ProxyConfig config = read(twemproxyPool());

        Server server = new Server("127.0.0.1:6379", ServerAddress.tcp("127.0.0.1", 6379), 1);
        PoolDefinition definition = new PoolDefinition(
                "alpha", HashAlgorithm.FNV1A_64, null, DistributionKind.KETAMA, List.of(server), List.of());
        Pool pool = new Pool(
                definition,
                new Listener(ServerAddress.tcp("127.0.0.1", 22121), -1),
                PoolProtocol.REDIS,
                512,
                null,
                null,
                Duration.ofSeconds(1),
                Duration.ofMillis(50),
                Duration.ofSeconds(1),
                null,
                0,
                false,
                false,
                1,
                new Ejection(false, 2, Duration.ofSeconds(30)),
                Retries.NONE,
                PoolAccess.by(null),
                Edge.OPEN,
                PoolSource.FILE);
        assertThat(config)
                .isEqualTo(new ProxyConfig(
                        0,
                        TransportPreference.AUTO,
                        Duration.ofSeconds(10),
                        Limits.DEFAULTS,
                        List.of(pool),
                        Monitoring.defaults(Dialect.TWEMPROXY),
                        Lifecycle.DEFAULTS,
                        null,
                        List.of()));
    }

    @Test
    void everyKeyIsRead() {
        Pool pool = onlyPool("""
                beta:
                  listen: /tmp/beta.sock 0600
                  hash: murmur
                  hash_tag: "{}"
                  distribution: modula
                  timeout: 400
                  backlog: 1024
                  client_connections: 100
                  redis: true
                  redis_auth: secret
                  redis_db: 3
                  tcpkeepalive: true
                  reuseport: true
                  preconnect: true
                  auto_eject_hosts: true
                  server_connections: 2
                  server_retry_timeout: 2000
                  server_failure_limit: 1
                  servers:
                   - 127.0.0.1:6380:3 second
                """);

        assertThat(pool.definition())
                .isEqualTo(new PoolDefinition(
                        "beta",
                        HashAlgorithm.MURMUR,
                        new HashTag((byte) '{', (byte) '}'),
                        DistributionKind.MODULA,
                        List.of(new Server("second", ServerAddress.tcp("127.0.0.1", 6380), 3)),
                        List.of()));
        assertThat(pool.listen()).isEqualTo(new Listener(ServerAddress.unix("/tmp/beta.sock"), 0600));
        assertThat(pool.timeout()).isEqualTo(Duration.ofMillis(400));
        assertThat(pool.hardTimeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(pool.backlog()).isEqualTo(1024);
        assertThat(pool.redisAuth()).isEqualTo("secret");
        assertThat(pool.redisDb()).isEqualTo(3);
        assertThat(pool.tcpKeepalive()).isTrue();
        assertThat(pool.preconnect()).isTrue();
        assertThat(pool.serverConnections()).isEqualTo(2);
        assertThat(pool.ejection()).isEqualTo(new Ejection(true, 1, Duration.ofSeconds(2)));
    }

    @ParameterizedTest
    @EnumSource
    void readsEveryHash(HashAlgorithm hash) {
        Pool pool = onlyPool(twemproxyPool("hash: " + hash.name().toLowerCase(Locale.ROOT)));

        assertThat(pool.definition().hash()).isEqualTo(hash);
    }

    @Test
    void thereAreTwelveHashes() {
        assertThat(HashAlgorithm.values()).hasSize(12);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            10.0.0.1:6379:1          | 10.0.0.1:6379      | 10.0.0.1      | 6379
            10.0.0.1:6379:1 alias    | alias              | 10.0.0.1      | 6379
            10.0.0.1:6379:1 a:b      | a:b                | 10.0.0.1      | 6379
            10.0.0.1:11211:1         | 10.0.0.1           | 10.0.0.1      | 11211
            10.0.0.1:11211:1 alias   | alias              | 10.0.0.1      | 11211
            10.0.0.1:00080:01        | 10.0.0.1:80        | 10.0.0.1      | 80
            /run/a.sock:1            | /run/a.sock:       | /run/a.sock   | 0
            /run/a.sock:1 alias      | alias              | /run/a.sock   | 0
            ::1:6379:1               | ::1:6379           | ::1           | 6379
            fe80::1:2:6379:1 v6      | v6                 | fe80::1:2     | 6379
            redis-1.example.org:1:1  | redis-1.example.org:1 | redis-1.example.org | 1
            """)
    void readsServersFromTheEnd(String written, String name, String hostOrPath, int port) {
        Pool pool = onlyPool("alpha:\n  listen: 127.0.0.1:1\n  redis: true\n  servers:\n  - " + written + "\n");

        assertThat(pool.definition().servers())
                .containsExactly(new Server(name, new ServerAddress(hostOrPath, port), 1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ketama", "modula", "random"})
    void sortsServersByNameShorterFirst(String distribution) {
        Pool pool = onlyPool("""
                alpha:
                  listen: 127.0.0.1:1
                  redis: true
                  distribution: %s
                  servers:
                  - 10.0.0.1:6379:1 gamma
                  - 10.0.0.2:6379:1 alpha
                  - 10.0.0.3:6379:1 beta
                """.formatted(distribution));

        assertThat(pool.definition().servers()).extracting(Server::name).containsExactly("beta", "alpha", "gamma");
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:22121, 127.0.0.1, 22121, -1",
        "0.0.0.0:1, 0.0.0.0, 1, -1",
        "::1:22121, ::1, 22121, -1",
        "'[::]:22121', ::, 22121, -1",
        "localhost:22121, localhost, 22121, -1",
        "/tmp/a.sock, /tmp/a.sock, 0, -1",
        "/tmp/a.sock 0660, /tmp/a.sock, 0, 432",
        "/tmp/a.sock  777, /tmp/a.sock, 0, 511",
        "/tmp/a.sock 0, /tmp/a.sock, 0, 0",
    })
    void readsWhereToListen(String written, String hostOrPath, int port, int mode) {
        Pool pool = onlyPool("alpha:\n  listen: '" + written + "'\n  redis: true\n  servers:\n  - 127.0.0.1:6379:1\n");

        assertThat(pool.listen()).isEqualTo(new Listener(new ServerAddress(hostOrPath, port), mode));
    }

    @ParameterizedTest
    @CsvSource({"-1,", "0,", "'010',PT0.01S", "'400',PT0.4S", "60000,PT1M"})
    void timeoutIsInMillisecondsAndDecimal(String written, Duration expected) {
        assertThat(onlyPool(twemproxyPool("timeout: " + written)).timeout()).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"-1,", "400,PT10S", "1000,PT10S", "5000,PT50S"})
    void hardTimeoutFollowsFromTimeout(String timeout, Duration expected) {
        assertThat(onlyPool(twemproxyPool("timeout: " + timeout)).hardTimeout()).isEqualTo(expected);
    }

    @Test
    void zeroFailuresMeanOneAsTheyDoToNutcracker() {
        assertThat(onlyPool(twemproxyPool("server_failure_limit: 0")).ejection().failureLimit())
                .isEqualTo(1);
    }

    @Test
    void textsThatYamlWouldGuessAtStayAsTheyAre() {
        Pool pool = onlyPool("""
                22:21:
                  listen: 127.0.0.1:1
                  redis: true
                  redis_auth: 010
                  servers:
                  - 127.0.0.1:6379:1 2026-01-01
                """);

        assertThat(pool.name()).isEqualTo("22:21");
        assertThat(pool.redisAuth()).isEqualTo("010");
        assertThat(pool.definition().servers()).extracting(Server::name).containsExactly("2026-01-01");
    }

    @Test
    void aHashTagMayHaveTwiceTheSameCharacter() {
        assertThat(onlyPool(twemproxyPool("hash_tag: $$")).definition().hashTag())
                .isEqualTo(new HashTag((byte) '$', (byte) '$'));
    }

    @Test
    void aPoolMayBeCalledPools() {
        ProxyConfig config = read(twemproxyPool().replace("alpha", "pools"));

        assertThat(config.pools()).extracting(Pool::name).containsExactly("pools");
        assertThat(config.pools().get(0).timeout()).isNull();
    }

    @Test
    void poolsStayInTheOrderOfTheFile() {
        ProxyConfig config =
                read(twemproxyPool().replace("alpha", "zeta") + twemproxyPool().replace("22121", "22122"));

        assertThat(config.pools()).extracting(Pool::name).containsExactly("zeta", "alpha");
    }

    @Test
    void warnsOfAPairThatCannotSpreadKeys() {
        ProxyConfig config = read(twemproxyPool("hash: crc32"));

        assertThat(config.warnings()).singleElement().asString().startsWith("f.yml:6:9: warning: alpha.hash: ");
    }

    @Test
    void warnsOfServersThatOwnNothingOnTheRing() {
        ProxyConfig config = read(twemproxyPool().replace("6379:1", "6379:100000 large\n   - 127.0.0.1:6380:1 small"));

        assertThat(config.warnings())
                .containsExactly("f.yml:5:4: warning: alpha.servers: 'small' owns no key: its weight is too small for"
                        + " ketama");
    }

    @Test
    void warnsOfNamesThatTwemproxyHashesWithGarbage() {
        String longest = "x".repeat(82);

        assertThat(read(twemproxyPool().replace("6379:1", "6379:1 " + longest)).warnings())
                .isEmpty();
        assertThat(read(twemproxyPool().replace("6379:1", "6379:1 " + longest + "x"))
                        .warnings())
                .singleElement()
                .asString()
                .contains("more than 82 bytes");
    }

    @Test
    void warnsOfTheKeyThatTwemproxyIgnores() {
        ProxyConfig config = read(twemproxyPool("client_connections: 100"));

        assertThat(config.warnings())
                .containsExactly("f.yml:6:23: warning: alpha.client_connections: has no effect, neither here nor in"
                        + " twemproxy; see limits.max_clients");
    }

    @Test
    void warnsOfTwoNamesForOneAddress() {
        ProxyConfig config = read("""
                alpha:
                  listen: 127.0.0.1:1
                  redis: true
                  servers:
                  - 127.0.0.1:6379:1 a
                  - 127.0.0.1:6379:1 b
                """);

        assertThat(config.warnings())
                .containsExactly("f.yml:6:5: warning: alpha.servers: duplicate server address 127.0.0.1:6379; it"
                        + " stands on line 5 already");
    }

    @Test
    void flowStyleDocumentMarkerAndByteOrderMarkAreAccepted() {
        ProxyConfig config =
                read("\uFEFF---\nalpha: {listen: '127.0.0.1:1', redis: true, servers: ['127.0.0.1:6379:1']}\n");

        assertThat(config.pools()).extracting(Pool::name).containsExactly("alpha");
    }

    private static Pool onlyPool(String text) {
        List<Pool> pools = read(text).pools();
        assertThat(pools).hasSize(1);
        return pools.get(0);
    }

    @Test
    void databaseOfUnixSocketServersIsTheOneTwemproxyUses() {
        ProxyConfig config = read("""
                alpha:
                  listen: 127.0.0.1:22121
                  redis: true
                  redis_db: 3
                  servers:
                   - /run/redis-a.sock:1
                   - /run/redis-b.sock:1
                """);

        assertThat(config.pools().get(0).redisDb()).isZero();
        assertThat(config.warnings())
                .singleElement()
                .asString()
                .startsWith("f.yml:4:13: warning: alpha.redis_db: has no effect on servers behind unix sockets");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "  redis: false\n"})
    void aPoolThatIsNotRedisIsMemcached(String line) {
        String text = "alpha:\n  listen: 127.0.0.1:22121\n" + line + "  servers:\n   - 10.0.0.1:11211:1\n";

        Pool pool = read(text).pools().get(0);

        assertThat(pool.protocol()).isEqualTo(PoolProtocol.MEMCACHE);
        assertThat(pool.definition().servers()).extracting(Server::name).containsExactly("10.0.0.1");
    }

    @Test
    void aDatabaseOfAMemcachedPoolIsWarnedOf() {
        ProxyConfig config = read(twemproxyPool("redis_db: 3").replace("redis: true", "redis: false"));

        assertThat(config.pools().get(0).redisDb()).isZero();
        assertThat(config.warnings())
                .containsExactly(
                        "f.yml:6:13: warning: alpha.redis_db: has no effect on a memcached pool, neither here nor in twemproxy");
    }
}
