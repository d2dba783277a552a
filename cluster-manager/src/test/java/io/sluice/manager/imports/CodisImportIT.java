package io.sluice.manager.imports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.routing.Router;
import io.sluice.routing.cluster.Shard;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.cluster.TopologyDocument;
import io.sluice.routing.topology.Server;
import io.sluice.routing.topology.ServerAddress;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.CRC32;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.api.ACLProvider;
import org.apache.curator.retry.RetryOneTime;
import org.apache.curator.test.TestingServer;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.data.ACL;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A real ZooKeeper with a tree as codis writes it. */
class CodisImportIT {

    private static final String PRODUCT = "codis-demo";
    private static final int KEYS = 100_000;

    private TestingServer server;
    private CuratorFramework zooKeeper;
    private CodisDashboard dashboard;

    @BeforeEach
    void start() throws Exception {
        server = new TestingServer();
        zooKeeper = CuratorFrameworkFactory.newClient(server.getConnectString(), new RetryOneTime(100));
        zooKeeper.start();
        dashboard = new CodisDashboard(zooKeeper, PRODUCT);
    }

    @AfterEach
    void stop() throws Exception {
        zooKeeper.close();
        server.close();
    }

    @Test
    void eachKeyIsWhereCodisHasIt() throws Exception {
        long seed = Long.getLong("sluice.seed", System.nanoTime());
        System.out.println("sluice.seed=" + seed);
        Random random = new Random(seed);
        int[] groupOfSlot = new int[CodisTree.SLOTS];
        for (int slot = 0; slot < CodisTree.SLOTS; slot++) {
            groupOfSlot[slot] = List.of(1, 2, 7, 40).get(random.nextInt(4));
        }
        dashboard.slots(slot -> groupOfSlot[slot]);
        for (int group : List.of(1, 2, 7, 40)) {
            dashboard.group(group, "10.0.0." + group + ":6379", "10.0.1." + group + ":6379");
        }

        CodisImport imported = imported();

        assertThat(imported.refusals()).isEmpty();
        assertThat(imported.warnings()).isEmpty();
        Router router = Router.of(imported.pool().definition());
        for (int i = 0; i < KEYS; i++) {
            byte[] key = randomKey(random);
            Server owner = router.pool().servers().get(router.serverIndex(key, 0, key.length));
            int expected = groupOfSlot[codisSlot(key)];
            assertThat(owner.address())
                    .as("key of seed %d, number %d", seed, i)
                    .isEqualTo(ServerAddress.tcp("10.0.0." + expected, 6379));
            assertThat(owner.name()).isEqualTo("group-" + expected);
        }
    }

    /** codis pkg/proxy/mapper.go: crc32 (IEEE) of what stands between the first { and the first } after it. */
    private static int codisSlot(byte[] key) {
        int begin = indexOf(key, '{', 0);
        int end = begin < 0 ? -1 : indexOf(key, '}', begin + 1);
        byte[] hashed = end < 0 ? key : Arrays.copyOfRange(key, begin + 1, end);
        CRC32 crc = new CRC32();
        crc.update(hashed);
        return (int) (crc.getValue() % CodisTree.SLOTS);
    }

    private static int indexOf(byte[] key, char wanted, int from) {
        for (int i = from; i < key.length; i++) {
            if (key[i] == (byte) wanted) {
                return i;
            }
        }
        return -1;
    }

    /** Text and bytes, with and without tags: whole, empty, never closed, closed before they open, more than one. */
    private static byte[] randomKey(Random random) {
        ByteArrayOutputStream key = new ByteArrayOutputStream();
        int pieces = random.nextInt(5);
        for (int i = 0; i <= pieces; i++) {
            switch (random.nextInt(8)) {
                case 0 -> key.write('{');
                case 1 -> key.write('}');
                case 2 -> key.writeBytes("{}".getBytes(StandardCharsets.US_ASCII));
                case 3 -> key.writeBytes(("{user:" + random.nextInt(1000) + "}").getBytes(StandardCharsets.US_ASCII));
                case 4 -> key.writeBytes(("key:" + random.nextInt()).getBytes(StandardCharsets.US_ASCII));
                default -> {
                    byte[] bytes = new byte[random.nextInt(12)];
                    random.nextBytes(bytes);
                    key.writeBytes(bytes);
                }
            }
        }
        return key.toByteArray();
    }

    @Test
    void groupsBecomeShardsAndTheRestIsShown() throws Exception {
        dashboard.slots(slot -> 1);
        dashboard
                .slot(1000, 2)
                .group(1, "10.0.0.1:6379", "10.0.0.2:6379", "10.0.0.3:6379")
                .group(2, "10.0.0.4:6379")
                .proxy("8d2f", "10.0.0.9:19000", "10.0.0.9:11080")
                .sentinels(false, "10.0.0.5:26379", "10.0.0.6:26379")
                .lock("10.0.0.8:18080");

        CodisTree tree = CodisReader.read(zooKeeper, PRODUCT);
        CodisImport imported = CodisImport.of(tree, "sessions");

        SlotPool pool = imported.pool();
        assertThat(imported.refusals()).isEmpty();
        assertThat(pool.name()).isEqualTo("sessions");
        assertThat(pool.shards())
                .containsExactly(
                        Map.entry(
                                "group-1",
                                new Shard(
                                        "group-1",
                                        ServerAddress.tcp("10.0.0.1", 6379),
                                        List.of(
                                                ServerAddress.tcp("10.0.0.2", 6379),
                                                ServerAddress.tcp("10.0.0.3", 6379)),
                                        SlotSet.range(0, 999).with(SlotSet.range(1001, 1023)))),
                        Map.entry(
                                "group-2",
                                new Shard(
                                        "group-2",
                                        ServerAddress.tcp("10.0.0.4", 6379),
                                        List.of(),
                                        SlotSet.range(1000, 1000))));
        Topology topology = Topology.NONE.withPool(pool);
        assertThat(TopologyDocument.parse("t", TopologyDocument.bytes(topology)))
                .isEqualTo(topology);
        assertThat(tree.proxies()).containsExactly(new CodisProxy("8d2f", "10.0.0.9:19000", "10.0.0.9:11080"));
        assertThat(tree.sentinels()).containsExactly("10.0.0.5:26379", "10.0.0.6:26379");
        assertThat(CodisImport.masters(tree)).containsEntry("group-2", "codis-demo-2");
        assertThat(imported.warnings()).singleElement().asString().contains("10.0.0.8:18080 is locked in");
    }

    @Test
    void whatIsBeingChangedIsRefused() throws Exception {
        dashboard.slots(slot -> 1);
        dashboard
                .slot(3, 1, "{\"index\": 1, \"state\": \"migrating\", \"target_id\": 2}")
                .slot(4, 1, "{\"index\": 2, \"state\": \"pending\", \"target_id\": 2}")
                .slot(5, 1, "{\"index\": 3, \"state\": \"migrating\", \"target_id\": 2}")
                .slot(6, 9)
                .slot(7, 3)
                .group(1, "10.0.0.1:6379")
                .group(2, "{\"index\": 1, \"state\": \"prepared\"}", false, "10.0.0.2:6379", "10.0.0.3:6379")
                .group(3)
                .group(4, "10.0.0.4")
                .write("/group/group-0005", "{\"id\": 5, \"servers\": 7}")
                .write("/slots/slot-0900", "not json");

        CodisImport imported = imported();

        assertThat(imported.refusals())
                .containsExactlyInAnyOrder(
                        "/codis3/codis-demo/group/group-0005 'servers' is no list",
                        "/codis3/codis-demo/slots/slot-0900 is no JSON",
                        "slots 3,5 are on their way, migrating: let codis end the migration first",
                        "slots 4 are on their way, pending: let codis end the migration first",
                        "slots 6 belong to group 9, of which codis has nothing",
                        "group 2 is getting another primary, prepared: let codis end that first",
                        "group 3 has no server for its slots 7",
                        "group 4 has a server '10.0.0.4'; expected host:port");
    }

    @Test
    void whatPeopleShouldKnowIsAWarning() throws Exception {
        dashboard.slots(slot -> 1);
        dashboard
                .slot(8, 0)
                .group(1, "{}", true, "10.0.0.1:6379")
                .group(2, "10.0.0.2:6379")
                .group(3)
                .sentinels(true, "10.0.0.5:26379");
        zooKeeper.delete().forPath("/codis3/codis-demo/slots/slot-0009"); // codis takes it for one that nobody owns

        CodisImport imported = imported();

        assertThat(imported.refusals()).isEmpty();
        assertThat(imported.warnings())
                .satisfiesExactly(
                        first -> assertThat(first).startsWith("slots 8-9 belong to no group"),
                        second -> assertThat(second).startsWith("group 1 is out of sync"),
                        third -> assertThat(third).startsWith("group 2 has no slot"),
                        fourth -> assertThat(fourth).startsWith("group 3 has no server and no slot"),
                        fifth -> assertThat(fifth).startsWith("the sentinels are out of sync"));
        assertThat(imported.pool().unowned()).isEqualTo(SlotSet.range(8, 9));
    }

    @Test
    void serversAsEarlyVersionsWroteThemAreRead() throws Exception {
        dashboard.slots(slot -> 1);
        dashboard.write("/group/group-0001", "{\"id\": 1, \"servers\": [\"10.0.0.1:6379\", \"10.0.0.2:6379\"]}");

        assertThat(imported().pool().shard("group-1"))
                .map(Shard::primary)
                .contains(ServerAddress.tcp("10.0.0.1", 6379));
    }

    @Test
    void aProductThatIsNotThereIsToldWithThoseThatAre() throws Exception {
        dashboard.slot(0, 0);

        assertThatThrownBy(() -> CodisReader.read(zooKeeper, "demo"))
                .isInstanceOf(ImportException.class)
                .hasMessage("there is no product 'demo' at /codis3/demo; expected one of: codis-demo");
    }

    @Test
    void nodesThatWantADigestAreReadWithIt() throws Exception {
        try (CuratorFramework owner = client("admin:secret")) {
            new CodisDashboard(owner, PRODUCT).group(1, "10.0.0.1:6379").slot(0, 1);

            assertThat(CodisReader.read(owner, PRODUCT).groups()).containsOnlyKeys(1);
            assertThatThrownBy(() -> CodisReader.read(zooKeeper, PRODUCT))
                    .isInstanceOf(ImportException.class)
                    .hasMessageContaining("may not be read; expected the user and password");
        }
    }

    private CuratorFramework client(String digest) {
        CuratorFramework client = CuratorFrameworkFactory.builder()
                .connectString(server.getConnectString())
                .retryPolicy(new RetryOneTime(100))
                .authorization("digest", digest.getBytes(StandardCharsets.UTF_8))
                .aclProvider(new ACLProvider() {
                    @Override
                    public List<ACL> getDefaultAcl() {
                        return ZooDefs.Ids.CREATOR_ALL_ACL;
                    }

                    @Override
                    public List<ACL> getAclForPath(String path) {
                        return ZooDefs.Ids.CREATOR_ALL_ACL;
                    }
                })
                .build();
        client.start();
        return client;
    }

    private CodisImport imported() throws Exception {
        return CodisImport.of(CodisReader.read(zooKeeper, PRODUCT), "main");
    }
}
