package io.sluice.manager.imports;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.api.transaction.CuratorOp;

/**
 * Writes into ZooKeeper what codis's dashboard writes there: the same paths, the same JSON, indented by four spaces, with
 * the same keys left out when empty (codis pkg/models).
 */
final class CodisDashboard {

    private final CuratorFramework zooKeeper;
    private final String product;

    CodisDashboard(CuratorFramework zooKeeper, String product) {
        this.zooKeeper = zooKeeper;
        this.product = product;
    }

    /** All slots at once, none of which is there yet. */
    CodisDashboard slots(IntUnaryOperator groupOfSlot) throws Exception {
        zooKeeper.createContainers("/codis3/" + product + "/slots");
        List<CuratorOp> creations = new ArrayList<>();
        for (int id = 0; id < CodisTree.SLOTS; id++) {
            String path = "/codis3/" + product + "/slots/slot-%04d".formatted(id);
            byte[] json = slotJson(id, groupOfSlot.applyAsInt(id), "{}").getBytes(StandardCharsets.UTF_8);
            creations.add(zooKeeper.transactionOp().create().forPath(path, json));
        }
        zooKeeper.transaction().forOperations(creations);
        return this;
    }

    /** {@code group} 0 is none. */
    CodisDashboard slot(int id, int group) throws Exception {
        return slot(id, group, "{}");
    }

    CodisDashboard slot(int id, int group, String action) throws Exception {
        return write("/slots/slot-%04d".formatted(id), slotJson(id, group, action));
    }

    private static String slotJson(int id, int group, String action) {
        return """
                {
                    "id": %d,
                    "group_id": %d,
                    "action": %s
                }""".formatted(id, group, action);
    }

    CodisDashboard group(int id, String... servers) throws Exception {
        return group(id, "{}", false, servers);
    }

    CodisDashboard group(int id, String promoting, boolean outOfSync, String... servers) throws Exception {
        String list = Arrays.stream(servers).map("""
                        {
                            "server": "%s",
                            "datacenter": "",
                            "action": {},
                            "replica_group": false
                        }"""::formatted).collect(Collectors.joining(",\n"));
        return write("/group/group-%04d".formatted(id), """
                {
                    "id": %d,
                    "servers": [
                        %s
                    ],
                    "promoting": %s,
                    "out_of_sync": %s
                }""".formatted(id, list, promoting, outOfSync));
    }

    CodisDashboard proxy(String token, String address, String admin) throws Exception {
        return write("/proxy/proxy-" + token, """
                {
                    "id": 1,
                    "token": "%s",
                    "start_time": "2018-11-04 12:00:00.000000000 +0800 CST",
                    "admin_addr": "%s",
                    "proto_type": "tcp4",
                    "proxy_addr": "%s",
                    "product_name": "%s",
                    "pid": 4711,
                    "pwd": "/codis",
                    "sys": "Linux",
                    "hostname": "host",
                    "datacenter": ""
                }""".formatted(token, admin, address, product));
    }

    CodisDashboard sentinels(boolean outOfSync, String... servers) throws Exception {
        return write("/sentinel", """
                {
                    "servers": [
                        %s
                    ],
                    "out_of_sync": %s
                }""".formatted(
                        Arrays.stream(servers).map("\"%s\""::formatted).collect(Collectors.joining(",\n")), outOfSync));
    }

    CodisDashboard lock(String admin) throws Exception {
        return write("/topom", """
                {
                    "token": "0cd1f9d4b0a6dd2a0e4e5f1b5bb5bb5b",
                    "start_time": "2018-11-04 12:00:00.000000000 +0800 CST",
                    "admin_addr": "%s",
                    "product_name": "%s",
                    "pid": 4712,
                    "pwd": "/codis",
                    "sys": "Linux"
                }""".formatted(admin, product));
    }

    CodisDashboard write(String below, String text) throws Exception {
        zooKeeper
                .create()
                .orSetData()
                .creatingParentsIfNeeded()
                .forPath("/codis3/" + product + below, text.getBytes(StandardCharsets.UTF_8));
        return this;
    }
}
