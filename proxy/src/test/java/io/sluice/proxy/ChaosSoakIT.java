package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.proxy.config.Ejection;
import io.sluice.proxy.config.Ejection.Policy;
import io.sluice.proxy.config.ProxyConfig.Retries;
import io.sluice.proxy.testing.AdminClient;
import io.sluice.proxy.testing.AtRest;
import io.sluice.proxy.testing.ChaosClient;
import io.sluice.proxy.testing.ChaosTally;
import io.sluice.proxy.testing.Crowd;
import io.sluice.proxy.testing.ErrorLog;
import io.sluice.proxy.testing.Heartbeat;
import io.sluice.proxy.testing.PooledBuffers;
import io.sluice.proxy.testing.PrometheusText;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.proxy.testing.Saboteur;
import io.sluice.proxy.testing.Saboteur.Trouble;
import io.sluice.proxy.testing.Seed;
import io.sluice.proxy.testing.Shards;
import io.sluice.proxy.testing.Troubles;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three real servers that are killed, restarted, stopped and slowed at random, up to two at a time, under 200 clients that
 * check every reply. The servers write down what they acknowledge before they do, so that acknowledged writes must be there
 * at the end even on servers that were killed. {@code -Dsluice.soak.seconds=N} for the long form.
 */
class ChaosSoakIT {

    private static final Duration LONG = Duration.ofSeconds(Long.getLong("sluice.soak.seconds", 600));
    private static final Duration SHORT = Duration.ofSeconds(8);
    private static final int SERVERS = 3;
    private static final int SABOTEURS = 2;
    private static final int CLIENTS = 200;
    /** So many clients of each server have keys on it alone; the others have keys everywhere. */
    private static final int RESIDENTS = 25;

    private static final Duration TIMEOUT = Duration.ofSeconds(2);
    /** What a reply may take beyond that on a busy machine. */
    private static final Duration MARGIN = Duration.ofSeconds(2);
    /** A stopped server keeps its connections, so the order of writes is known: see KeptValue. */
    private static final Duration HARD_TIMEOUT =
            TIMEOUT.plus(Saboteur.LONGEST_STOP).multipliedBy(4);
    /** Sluice's default rule, with shorter times. */
    private static final Ejection EJECTION = new Ejection(
            Policy.FAIL_FAST,
            5,
            Duration.ofMillis(100),
            Duration.ofSeconds(1),
            20,
            Duration.ofSeconds(2),
            Duration.ofMillis(50),
            3,
            50,
            Duration.ZERO,
            null,
            Duration.ofSeconds(10));
    /** The longest ejection and its probes, twice over. */
    private static final Duration RECOVERY = Duration.ofSeconds(3);

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(20);
    private static final long FEWEST_REPLIES = 10 * CLIENTS;
    private static final int CONNECTIONS_THAT_REACH_ALL_WORKERS = 20;

    private final ChaosTally tally = new ChaosTally();
    private final Troubles troubles = new Troubles(SERVERS, RECOVERY);
    private final Heartbeat heartbeat = new Heartbeat();
    private final List<ChaosClient> clients = new ArrayList<>();

    @Test
    void everyReplyIsRightForAFewSeconds(@TempDir Path folder) throws Exception {
        storm(SHORT, folder);
    }

    @Test
    @Tag("soak")
    void everyReplyIsRightForTenMinutes(@TempDir Path folder) throws Exception {
        storm(LONG, folder);

        assertThat(tally.slowest()).isLessThan(TIMEOUT.plus(MARGIN));
        assertThat(tally.troubles()).containsOnlyKeys(Trouble.values());
        assertThat(tally.repliesAtEase()).isPositive();
    }

    private void storm(Duration time, Path folder) throws Exception {
        Seed seed = Seed.next("ChaosSoakIT, " + time.toSeconds() + " s");
        PooledBuffers buffers = PooledBuffers.now();
        try (ErrorLog errors = ErrorLog.listen(ChaosSoakIT.class);
                Shards shards = shards(folder)) {
            shards.start();
            try (RunningProxy proxy = proxy(shards).start();
                    Crowd crowd = new Crowd()) {
                SplittableRandom random = seed.random();
                addClients(crowd, random, proxy, shards);
                for (int i = 0; i < SABOTEURS; i++) {
                    crowd.add("saboteur" + i, random, new Saboteur(shards, troubles, tally));
                }
                crowd.add("heartbeat", random, heartbeat);
                crowd.work(time, () -> tally.replies() > FEWEST_REPLIES, seed);
                crowd.finish(seed);
                awaitRecovery(proxy, shards);
                readAllBack(proxy, shards);
                AtRest.await(proxy, seed);
                awaitServersAtRest(proxy);
            } finally {
                System.out.println(
                        "FIGURE chaos, " + time.toSeconds() + " s, " + seed + ": " + tally + "; " + heartbeat);
            }
            errors.assertEmpty();
        }
        buffers.assertReturned();
        assertThat(tally.troubles()).isNotEmpty();
        assertThat(tally.replies()).isGreaterThan(FEWEST_REPLIES);
    }

    private static Shards shards(Path folder) throws IOException {
        RedisServer[] servers = new RedisServer[SERVERS];
        for (int i = 0; i < SERVERS; i++) {
            servers[i] = RedisServer.onFreePort().keepingWrites(Files.createDirectory(folder.resolve("server" + i)));
        }
        return Shards.of(servers);
    }

    private static RunningProxy proxy(Shards shards) {
        return shards.proxy()
                .workers(2)
                .timeout(TIMEOUT, HARD_TIMEOUT)
                .ejection(EJECTION)
                .retries(new Retries(10, true))
                .monitored();
    }

    private void addClients(Crowd crowd, SplittableRandom random, RunningProxy proxy, Shards shards)
            throws IOException {
        for (int i = 0; i < CLIENTS; i++) {
            int home = i < SERVERS * RESIDENTS ? i % SERVERS : ChaosClient.EVERYWHERE;
            String name = "client" + i;
            ChaosClient client = new ChaosClient(name, proxy.connect(), shards, home, troubles, tally);
            clients.add(client);
            crowd.add(name, random, client);
        }
    }

    private static void awaitRecovery(RunningProxy proxy, Shards shards) {
        String[] keys = IntStream.range(0, SERVERS)
                .mapToObj(server -> shards.keyOn(server, "nobody's"))
                .toArray(String[]::new);
        await().atMost(LONGEST_WAIT).untilAsserted(() -> {
            for (int i = 0; i < CONNECTIONS_THAT_REACH_ALL_WORKERS; i++) {
                try (RespClient client = proxy.connect()) {
                    assertThat(client.call("MGET", keys[0], keys[1], keys[2])).isInstanceOf(List.class);
                }
            }
        });
    }

    /** Through the proxy; and no server has a key of another one. */
    private void readAllBack(RunningProxy proxy, Shards shards) throws IOException {
        int held = 0;
        try (RespClient reader = proxy.connect()) {
            for (ChaosClient client : clients) {
                held += client.readBack(reader);
            }
        }
        int stored = 0;
        for (int i = 0; i < SERVERS; i++) {
            try (RespClient direct = shards.server(i).connect()) {
                List<?> keys = (List<?>) Objects.requireNonNull(direct.call("KEYS", "*"));
                for (Object key : keys) {
                    assertThat(shards.owner(key.toString())).isEqualTo(i);
                }
                stored += keys.size();
            }
        }
        assertThat(stored).isEqualTo(held);
    }

    private static void awaitServersAtRest(RunningProxy proxy) {
        await().atMost(LONGEST_WAIT).untilAsserted(() -> {
            PrometheusText metrics = AdminClient.metrics(proxy.adminPort());
            for (int i = 0; i < SERVERS; i++) {
                String server = "{pool=alpha, server=server" + i + "}";
                assertThat(metrics.value("sluice_server_requests_in_flight" + server))
                        .isZero();
                assertThat(metrics.value("sluice_server_queued_bytes" + server)).isZero();
            }
        });
    }
}
