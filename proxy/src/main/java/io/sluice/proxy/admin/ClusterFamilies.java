package io.sluice.proxy.admin;

import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.ArrayList;
import java.util.List;

/** The metrics of a proxy as a member of a cluster; a proxy that is none has none of them. */
final class ClusterFamilies {

    private final ClusterView cluster;
    private final List<MetricSnapshot> families = new ArrayList<>();

    private ClusterFamilies(ClusterView cluster) {
        this.cluster = cluster;
    }

    static List<MetricSnapshot> of(ClusterView cluster) {
        return new ClusterFamilies(cluster).all();
    }

    private List<MetricSnapshot> all() {
        gauge("sluice_topology_epoch", "Epoch of the topology that new requests follow.", (double) cluster.epoch());
        gauge(
                "sluice_topology_applied_epoch",
                "Epoch that no request under way is older than; what the cluster is told.",
                (double) cluster.applied());
        gauge(
                "sluice_topology_applied_timestamp_seconds",
                "Since when new requests follow it, in Unix time.",
                cluster.since().toEpochMilli() / 1e3);
        gauge(
                "sluice_topology_refused",
                "1 while the newest topology is not in force because it was refused.",
                cluster.refused() > 0 ? 1 : 0);
        families.add(Family.counter(
                "sluice_topology_changes",
                "Topologies that were found after the start, by what became of them.",
                List.of("applied", "refused"),
                result -> Labels.of("result", result),
                result -> result.equals("applied") ? cluster.changes() : cluster.refusals()));
        gauge("sluice_zookeeper_connected", "1 while ZooKeeper can be reached.", cluster.isConnected() ? 1 : 0);
        gauge(
                "sluice_zookeeper_registered",
                "1 while the cluster counts on this process.",
                cluster.registered() ? 1 : 0);
        gauge(
                "sluice_zookeeper_heartbeat_age_seconds",
                "How long ago the newest heartbeat was sent after which the topology was read; -1 before the first.",
                cluster.leaseAgeSeconds());
        return families;
    }

    private void gauge(String name, String help, double value) {
        families.add(Family.gauge(name, help, List.of(this), self -> Labels.EMPTY, self -> value));
    }
}
