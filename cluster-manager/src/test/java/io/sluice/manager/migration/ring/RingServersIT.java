package io.sluice.manager.migration.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.manager.redis.RedisConnector;
import io.sluice.manager.redis.RedisLogin;
import io.sluice.routing.Router;
import io.sluice.routing.cluster.RingPool;
import io.sluice.routing.cluster.TopologyDocument;
import io.sluice.routing.topology.Server;
import io.sluice.testing.FreePorts;
import io.sluice.testing.MemcachedServer;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import io.sluice.testing.TextClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class RingServersIT {

    private static final int KEYS = 1500;
    private static final int KEYS_PER_SECOND = 1_000_000;

    @RegisterExtension
    static final MemcachedServer ALPHA = MemcachedServer.onFreePort();

    @RegisterExtension
    static final MemcachedServer BETA = MemcachedServer.onFreePort();

    @RegisterExtension
    static final RedisServer LEFT = RedisServer.onFreePort();

    @RegisterExtension
    static final RedisServer RIGHT = RedisServer.onFreePort();

    /** A ring of {@code before} on its way to {@code after}, each "host:port:weight name". */
    private static RingPool ring(String protocol, String kind, List<String> before, List<String> after) {
        return TopologyDocument.parse("test", """
                format: 1
                pools:
                  pages:
                    protocol: %s
                    servers: %s
                    change: {id: r-1, kind: %s, state: PREPARE, since: 1, next: %s}
                """.formatted(protocol, quoted(before), kind, quoted(after))
                        .getBytes(StandardCharsets.UTF_8))
                .ringPool("pages")
                .orElseThrow();
    }

    private static String quoted(List<String> servers) {
        return "[\"" + String.join("\", \"", servers) + "\"]";
    }

    private static String owner(Router ring, String key) {
        return ring.explain(key.getBytes(StandardCharsets.ISO_8859_1)) // as the clients here send it
                .server()
                .map(Server::name)
                .orElseThrow();
    }

    @Test
    void leftoversAreTakenOffTheNewOwnersAndNothingElseIs() throws Exception {
        RingPool leaving = ring(
                "memcache",
                "cache",
                List.of(ALPHA.address() + ":1 alpha", BETA.address() + ":1 beta"),
                List.of(ALPHA.address() + ":1 alpha"));
        Router now = Router.of(leaving.definition());
        List<String> kept = new ArrayList<>();
        int leftovers = 0;
        try (TextClient alpha = ALPHA.connect()) {
            for (int i = 0; i < KEYS; i++) {
                String key = "key:%" + i + "=\u00e4";
                alpha.store("set " + key + " 0 0", "v");
                if (owner(now, key).equals("alpha")) {
                    kept.add(key);
                } else {
                    leftovers++;
                }
            }
            try (MemcacheRingServers servers = new MemcacheRingServers(RingOwners.of(leaving), KEYS_PER_SECOND)) {
                assertThat(servers.sweep()).isEqualTo(leftovers);
                assertThat(servers.sweep()).isZero();
            }

            assertThat(ALPHA.items()).isEqualTo(kept.size());
            for (String key : kept) {
                assertThat(alpha.ask("get " + key)).contains("VALUE");
            }
        }
        assertThat(leftovers).isBetween(KEYS / 4, 3 * KEYS / 4);
    }

    @Test
    void serversThatAreAwayOrCannotListAreNamed() throws Exception {
        String away = "127.0.0.1:" + FreePorts.next();
        RingPool ring = ring(
                "memcache",
                "cache",
                List.of(ALPHA.address() + ":1 alpha", away + ":1 away"),
                List.of(ALPHA.address() + ":1 alpha", LEFT.address() + ":1 redis"));
        try (MemcacheRingServers servers = new MemcacheRingServers(RingOwners.of(ring), KEYS_PER_SECOND)) {
            assertThat(servers.silentOldServers()).singleElement().asString().contains("cannot connect to " + away);
            assertThatThrownBy(servers::sweep)
                    .isInstanceOf(RingServerException.class)
                    .hasMessageContaining(LEFT.address());
        }
    }

    @Test
    void queuesAndOtherKeysAreCountedInAllDatabases() throws Exception {
        List<String> both = List.of(LEFT.address() + ":1 left", RIGHT.address() + ":1 right");
        RingPool coming = ring("redis", "broker", both.subList(0, 1), both);
        Router next = Router.of(coming.nextDefinition().orElseThrow());
        long queues = 0;
        try (RespClient left = LEFT.connect();
                RespClient right = RIGHT.connect();
                RedisRingServers servers = new RedisRingServers(
                        RingOwners.of(coming), new RedisConnector(RedisLogin.NONE, Duration.ofSeconds(5)))) {
            for (int i = 0; i < KEYS; i++) {
                String key = "queue:" + i;
                left.call("RPUSH", key, "a");
                queues += owner(next, key).equals("right") ? 1 : 0;
            }
            assertThat(servers.holdings()).isEqualTo(new RingServers.Holdings(queues, 0, 0, ""));
            String moving = moving(next);
            left.call("SELECT", "3");
            left.call("HSET", moving, "f", "v");
            assertThat(servers.holdings())
                    .isEqualTo(new RingServers.Holdings(queues, 1, 0, "a hash on " + LEFT.address()));
            left.call("FLUSHALL");
            right.call("SET", moving, "v");
            assertThat(servers.holdings())
                    .isEqualTo(new RingServers.Holdings(0, 0, 1, "a string on " + RIGHT.address()));
            assertThat(servers.silentOldServers()).isEmpty();
        }
    }

    private static String moving(Router next) {
        for (int i = 0; ; i++) {
            if (owner(next, "h:" + i).equals("right")) {
                return "h:" + i;
            }
        }
    }
}
