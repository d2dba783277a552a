package io.sluice.launcher.demo;

import io.sluice.manager.ClusterManager;
import io.sluice.manager.ManagerStartException;
import io.sluice.manager.change.AddShard;
import io.sluice.manager.change.ChangeDesk;
import io.sluice.manager.change.ChangeRefusedException;
import io.sluice.manager.change.ClusterDesk;
import io.sluice.manager.change.CreateSlotPool;
import io.sluice.manager.change.SpreadSlots;
import io.sluice.manager.change.TopologyChange;
import io.sluice.manager.config.ManagerConfig;
import io.sluice.manager.store.Cluster;
import io.sluice.manager.store.LeaderTask;
import io.sluice.manager.store.StoreException;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.hash.SlotHash;
import io.sluice.routing.topology.PoolProtocol;
import io.sluice.routing.topology.ServerAddress;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The demo's manager, with ZooKeeper in it, and a topology that was made as people make one. */
final class DemoCluster implements AutoCloseable {

    private static final int START_SECONDS = 30;

    private final ClusterManager manager;
    private final SlotPool pool;

    private DemoCluster(ClusterManager manager, SlotPool pool) {
        this.manager = manager;
        this.pool = pool;
    }

    /** Returns once the topology is there. */
    static DemoCluster start(Path config, List<RedisProcess> servers) throws DemoException {
        Lead lead = new Lead();
        ClusterManager manager = startManager(config, lead);
        try {
            if (!lead.leads.await(START_SECONDS, TimeUnit.SECONDS)) {
                throw new DemoException("ZooKeeper does not answer within " + START_SECONDS + " s");
            }
            return new DemoCluster(manager, topology(manager.cluster(), servers));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            manager.close();
            throw new DemoException("interrupted", e);
        } catch (DemoException | RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    private static ClusterManager startManager(Path config, Lead lead) throws DemoException {
        try {
            return ClusterManager.start(ManagerConfig.read(config), List.of(lead));
        } catch (ManagerStartException e) {
            throw new DemoException(String.valueOf(e.getMessage()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DemoException("interrupted", e);
        }
    }

    private static SlotPool topology(Cluster cluster, List<RedisProcess> servers) throws DemoException {
        ChangeDesk desk = new ClusterDesk(cluster, InstantSource.system());
        try {
            SlotPool made =
                    new SlotPool(DemoConfig.NAME, PoolProtocol.REDIS, SlotHash.REDIS_CLUSTER, Map.of(), Map.of());
            for (TopologyChange change : changes(servers)) {
                made = desk.apply(change, "the demo", OptionalLong.empty())
                        .after()
                        .slotPool(DemoConfig.NAME)
                        .orElse(made);
            }
            return made;
        } catch (StoreException | ChangeRefusedException e) {
            throw new DemoException("cannot write the topology: " + e.getMessage(), e);
        }
    }

    /** What {@code ctl pool create}, {@code shard add} and {@code slots assign --free} do. */
    private static List<TopologyChange> changes(List<RedisProcess> servers) {
        List<TopologyChange> changes = new ArrayList<>();
        changes.add(new CreateSlotPool(DemoConfig.NAME, PoolProtocol.REDIS, SlotHash.REDIS_CLUSTER));
        servers.forEach(server -> changes.add(new AddShard(
                DemoConfig.NAME,
                server.name(),
                ServerAddress.tcp(LoopbackPorts.HOST, server.port()),
                List.of(),
                SlotSet.EMPTY)));
        changes.add(new SpreadSlots(DemoConfig.NAME));
        return changes;
    }

    /** With its shards and their slots. */
    SlotPool pool() {
        return pool;
    }

    /** Of the API. */
    String url() {
        return manager.url();
    }

    @Override
    public void close() {
        manager.close();
    }

    /** Tells when the manager leads. */
    private static final class Lead implements LeaderTask {

        private final CountDownLatch leads = new CountDownLatch(1);

        @Override
        public String name() {
            return "demo";
        }

        @Override
        public void begin(Cluster cluster) {
            leads.countDown();
        }

        @Override
        public void end() {
            // nothing runs
        }
    }
}
