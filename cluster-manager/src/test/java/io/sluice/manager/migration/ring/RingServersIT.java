package io.sluice.manager.migration.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.sluice.manager.migration.ring.Holdings.Found;
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
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class RingServersIT {

    private static final int KEYS = 1500;
    private static final int KEYS_PER_SECOND = 1_000_000;
    private static final Duration PROBE_LIMIT = Duration.ofSeconds(10); // a server that is up has answered by then

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
            try (MemcacheRingServers servers =
                    new MemcacheRingServers(RingOwners.of(leaving), KEYS_PER_SECOND, PROBE_LIMIT)) {
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
        try (MemcacheRingServers servers = new MemcacheRingServers(RingOwners.of(ring), KEYS_PER_SECOND, PROBE_LIMIT)) {
            assertThat(servers.silentGiver().map(RingServers.Silent::reason).orElseThrow())
                    .contains("cannot connect to " + away);
            assertThatThrownBy(servers::sweep)
                    .isInstanceOf(RingServerException.class)
                    .hasMessageContaining(LEFT.address());
        }
    }

    @Test
    void aServerThatGivesNoKeysAwayMayBeSilent() throws Exception {
        String away = "127.0.0.1:" + FreePorts.next();
        RingPool leaving = ring(
                "memcache",
                "cache",
                List.of(ALPHA.address() + ":1 alpha", away + ":1 away"),
                List.of(away + ":1 away"));
        try (MemcacheRingServers servers =
                new MemcacheRingServers(RingOwners.of(leaving), KEYS_PER_SECOND, PROBE_LIMIT)) {
            assertThat(servers.silentGiver()).isEmpty();
        }
    }

    /** It accepts connections, as a process that was stopped does, and says nothing. */
    @Test
    void aStoppedServerIsKnownAsSilentWithinTheLimitOfAProbe() throws Exception {
        try (ServerSocket stopped = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            String address = "127.0.0.1:" + stopped.getLocalPort();
            RingPool leaving = ring(
                    "memcache",
                    "cache",
                    List.of(ALPHA.address() + ":1 alpha", address + ":1 stopped"),
                    List.of(ALPHA.address() + ":1 alpha"));
            try (MemcacheRingServers servers =
                    new MemcacheRingServers(RingOwners.of(leaving), KEYS_PER_SECOND, Duration.ofMillis(200))) {
                Optional<RingServers.Silent> silent =
                        assertTimeoutPreemptively(Duration.ofSeconds(20), servers::silentGiver);

                assertThat(silent.map(found -> found.server().toString())).contains(address);
            }
        }
    }

    @Test
    void queuesAndOtherKeysAreCountedInTheDatabasesThatThePoolUses() throws Exception {
        List<String> both = List.of(LEFT.address() + ":1 left", RIGHT.address() + ":1 right");
        RingPool coming = ring("redis", "broker", both.subList(0, 1), both);
        Router next = Router.of(coming.nextDefinition().orElseThrow());
        PoolDatabases[] databases = {PoolDatabases.ANY};
        long queues = 0;
        try (RespClient left = LEFT.connect();
                RespClient right = RIGHT.connect();
                RedisRingServers servers = new RedisRingServers(
                        RingOwners.of(coming),
                        new RedisConnector(RedisLogin.NONE, Duration.ofSeconds(5)),
                        () -> databases[0])) {
            for (int i = 0; i < KEYS; i++) {
                String key = "queue:" + i;
                left.call("RPUSH", key, "a");
                queues += owner(next, key).equals("right") ? 1 : 0;
            }
            Found all = new Found(queues, "a list on " + LEFT.address());
            assertThat(servers.holdings()).isEqualTo(new Holdings(all, Found.NOTHING, Found.NOTHING));
            String moving = moving(next);
            left.call("SELECT", "3");
            left.call("HSET", moving, "f", "v");
            assertThat(servers.holdings())
                    .isEqualTo(new Holdings(all, new Found(1, "a hash on " + LEFT.address()), Found.NOTHING));
            databases[0] = new PoolDatabases(Optional.of(Set.of(0)));
            assertThat(servers.holdings())
                    .as("the hash is somebody else's")
                    .isEqualTo(new Holdings(all, Found.NOTHING, Found.NOTHING));
            databases[0] = new PoolDatabases(Optional.of(Set.of(3)));
            assertThat(servers.holdings())
                    .isEqualTo(new Holdings(Found.NOTHING, new Found(1, "a hash on " + LEFT.address()), Found.NOTHING));
            left.call("FLUSHALL");
            databases[0] = PoolDatabases.ANY;
            right.call("SET", moving, "v");
            assertThat(servers.holdings())
                    .isEqualTo(
                            new Holdings(Found.NOTHING, Found.NOTHING, new Found(1, "a string on " + RIGHT.address())));
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
