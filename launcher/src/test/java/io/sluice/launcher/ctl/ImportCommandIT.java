package io.sluice.launcher.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.manager.api.ApiServer;
import io.sluice.manager.testing.MemoryApi;
import io.sluice.manager.testing.MemoryCluster;
import io.sluice.proxy.config.ProxyConfig;
import io.sluice.routing.Router;
import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.cluster.TopologyPool;
import io.sluice.routing.hash.SlotHash;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.apache.curator.test.TestingServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command against a real API; codis's tree in a real ZooKeeper. */
class ImportCommandIT {

    private static TestingServer zooKeeper;

    @TempDir
    private Path folder;

    private final MemoryCluster cluster = new MemoryCluster();
    private ApiServer api;

    @BeforeAll
    static void startZooKeeper() throws Exception {
        zooKeeper = new TestingServer();
        try (CuratorFramework client =
                CuratorFrameworkFactory.newClient(zooKeeper.getConnectString(), new RetryOneTime(100))) {
            client.start();
            put(
                    client,
                    "demo",
                    "/group/group-0001",
                    "{\"id\":1,\"servers\":[{\"server\":\"10.0.0.1:6379\"},"
                            + "{\"server\":\"10.0.0.2:6379\"}],\"promoting\":{},\"out_of_sync\":false}");
            put(client, "demo", "/sentinel", "{\"servers\":[\"10.0.0.5:26379\"],\"out_of_sync\":false}");
            put(client, "demo", "/slots/slot-0000", "{\"id\":0,\"group_id\":1,\"action\":{}}");
            put(client, "demo", "/slots/slot-0001", "{\"id\":1,\"group_id\":1,\"action\":{}}");
            put(client, "busy", "/slots/slot-0000", "{\"id\":0,\"group_id\":1,\"action\":{\"state\":\"migrating\"}}");
        }
    }

    private static void put(CuratorFramework client, String product, String below, String json) throws Exception {
        client.create()
                .creatingParentsIfNeeded()
                .forPath("/codis3/" + product + below, json.getBytes(StandardCharsets.UTF_8));
    }

    @AfterAll
    static void stopZooKeeper() throws Exception {
        zooKeeper.close();
    }

    @BeforeEach
    void startApi() throws Exception {
        api = MemoryApi.open(cluster);
    }

    @AfterEach
    void stopApi() {
        api.close();
    }

    private CtlRun ctl(String... arguments) {
        String url = MemoryApi.url(api);
        return CtlRun.of(
                CtlRun.NOBODY,
                Stream.concat(Stream.of("--manager", url, "import"), Arrays.stream(arguments))
                        .toArray(String[]::new));
    }

    private CtlRun codis(String product, String... more) {
        return ctl(Stream.concat(
                        Stream.of("codis", "--zookeeper", zooKeeper.getConnectString(), "--product", product),
                        Arrays.stream(more))
                .toArray(String[]::new));
    }

    @Test
    void codisIsShownFirst() {
        CtlRun run = codis("demo", "--pool", "sessions", "--dry-run");

        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        assertThat(run.out().lines())
                .containsSubsequence(
                        "codis has:",
                        "  product     demo",
                        "  dashboard   none",
                        "  proxies     none",
                        "  sentinels   10.0.0.5:26379",
                        "  GROUP   SHARD     PRIMARY         REPLICAS        SLOTS",
                        "  1       group-1   10.0.0.1:6379   10.0.0.2:6379   2       0-1",
                        "Warning: slots 2-1023 belong to no group: their keys get an error, as at codis",
                        "        group-1: \"demo-1\"",
                        "Plan at epoch 0: import codis demo as sessions");
        assertThat(cluster.topology().pools()).isEmpty();
    }

    @Test
    void codisIsTakenOverAndWrittenDown() {
        CtlRun run = codis("demo", "--pool", "sessions", "--yes");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(cluster.topology().slotPool("sessions")).hasValueSatisfying(pool -> {
            assertThat(pool.hash()).isEqualTo(SlotHash.CODIS);
            assertThat(pool.shard("group-1").orElseThrow().slots()).isEqualTo(SlotSet.range(0, 1));
        });
        assertThat(cluster.historyEntries().get(0).title()).isEqualTo("import codis demo as sessions");
        assertThat(codis("demo", "--pool", "sessions", "--yes").out()).contains("othing");
        assertThat(cluster.topology().epoch()).isEqualTo(1);
    }

    @Test
    void aBusyCodisIsRefused() {
        CtlRun run = codis("busy", "--yes");

        assertThat(run.exitCode()).isEqualTo(CtlExit.REFUSED);
        assertThat(run.err())
                .contains("slots 0 are on their way, migrating: let codis end the migration first")
                .contains("slots 0 belong to group 1, of which codis has nothing");
        assertThat(cluster.topology().pools()).isEmpty();
    }

    @Test
    void aPoolThatIsThereAlreadyIsNotTouched() {
        CtlRun made = CtlRun.of(
                CtlRun.NOBODY,
                "--manager",
                "http://127.0.0.1:" + api.address().getPort(),
                "pool",
                "create",
                "demo",
                "--yes");
        assertThat(made.exitCode()).as(made.err()).isZero();

        CtlRun run = codis("demo", "--yes");

        assertThat(run.exitCode()).isEqualTo(CtlExit.REFUSED);
        assertThat(run.err()).contains("there is a pool 'demo' already, and it is another");
        assertThat(cluster.topology().epoch()).isEqualTo(1);
    }

    @Test
    void aProductThatIsNotThereIsBadInput() {
        CtlRun run = codis("dmeo", "--yes");

        assertThat(run.exitCode()).isEqualTo(CtlExit.BAD_INPUT);
        assertThat(run.err()).contains("there is no product 'dmeo' at /codis3/dmeo; expected one of: busy, demo");
    }

    @Test
    void ringsOfTwemproxyKeepEachKeyWhereItIs() throws Exception {
        Path file = Files.writeString(folder.resolve("nutcracker.yml"), """
                alpha:
                  listen: 127.0.0.1:22121
                  hash: murmur
                  hash_tag: "{}"
                  distribution: ketama
                  timeout: 400
                  redis: true
                  redis_auth: hush
                  servers:
                    - 127.0.0.1:6379:1 one
                    - 127.0.0.1:6380:3
                    - 127.0.0.1:11211:2
                beta:
                  listen: 127.0.0.1:22122
                  hash: fnv1a_64
                  distribution: modula
                  auto_eject_hosts: true
                  server_retry_timeout: 2000
                  servers:
                    - 10.0.0.1:11211:1
                    - 10.0.0.2:11212:1
                """);

        CtlRun run = ctl("twemproxy", file.toString(), "--yes");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out().lines())
                .containsSubsequence(
                        "    alpha:",
                        "      topology: zookeeper",
                        "      listen: 127.0.0.1:22121",
                        "      timeout: 400",
                        "    beta:",
                        "      protocol: memcache",
                        "      auto_eject_hosts: true");
        assertThat(run.out()).doesNotContain("hush");
        long seed = Long.getLong("sluice.seed", System.nanoTime());
        System.out.println("sluice.seed=" + seed);
        Random random = new Random(seed);
        for (ProxyConfig.Pool pool : ProxyConfig.read(file).pools()) {
            TopologyPool imported = cluster.topology().pool(pool.name()).orElseThrow();
            assertThat(imported.protocol()).isEqualTo(pool.protocol());
            assertSamePlaces(Router.of(pool.definition()), Router.of(imported.definition()), random);
        }
    }

    private static void assertSamePlaces(Router file, Router imported, Random random) {
        for (int i = 0; i < 10_000; i++) {
            byte[] key = ("{" + random.nextInt(1000) + "}" + random.nextInt()).getBytes(StandardCharsets.US_ASCII);
            if (random.nextBoolean()) {
                random.nextBytes(key);
            }
            assertThat(imported.explain(key).server())
                    .isEqualTo(file.explain(key).server());
        }
    }
}
