package io.sluice.launcher.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.KeeperException;

/** What ZooKeeper, or somebody at it, does to a cluster. */
final class ZooKeeperFaults {

    private final CuratorFramework raw;

    ZooKeeperFaults(CuratorFramework raw) {
        this.raw = raw;
    }

    /** Its place in the latch goes, and it is not told. */
    void takeLatchFrom(String manager) throws Exception {
        for (String child : raw.getChildren().forPath(FaultCluster.PATHS.latch())) {
            String path = FaultCluster.PATHS.latch() + "/" + child;
            Optional<String> holder = text(path);
            if (holder.filter(manager::equals).isPresent()) {
                raw.delete().quietly().forPath(path);
            }
        }
    }

    /** Empty if it has just gone. */
    private Optional<String> text(String path) throws Exception {
        try {
            return Optional.of(new String(raw.getData().forPath(path), StandardCharsets.UTF_8));
        } catch (KeeperException.NoNodeException e) {
            return Optional.empty();
        }
    }

    /** Of whoever wrote there last; where ZooKeeper runs in this process. */
    void expireSession(Path zooKeeperData, String path) throws Exception {
        String session =
                "0x" + Long.toHexString(TransactionLog.read(zooKeeperData).lastSessionAt(path));
        MBeanServer beans = ManagementFactory.getPlatformMBeanServer();
        int expired = 0;
        for (ObjectName bean : beans.queryNames(new ObjectName("org.apache.ZooKeeperService:*"), null)) {
            if (bean.getCanonicalName().contains(session)) {
                beans.invoke(bean, "terminateSession", new Object[0], new String[0]);
                expired++;
            }
        }
        assertThat(expired).as("sessions that expired").isEqualTo(1);
    }
}
