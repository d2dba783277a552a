package io.sluice.launcher.demo;

/** Writes the configurations, so that what the demo runs are files one can read and copy. */
final class DemoConfig {

    /** The name of the cluster, and of its pool. */
    static final String NAME = "demo";

    private DemoConfig() {}

    /** Of the proxy with this number, from 1. */
    static String proxy(int number, DemoPorts ports) {
        return """
                # Servers, slots and who owns them come from ZooKeeper; what is about clients stands here.
                zookeeper:
                  connect: %s:%d
                  cluster: %s
                  proxy_id: proxy-%d

                pools:
                  %s:
                    listen: %s:%d
                    topology: zookeeper
                    timeout: 2s
                """.formatted(
                        LoopbackPorts.HOST,
                        ports.zooKeeper(),
                        NAME,
                        number,
                        NAME,
                        LoopbackPorts.HOST,
                        ports.proxies().get(number - 1));
    }

    /** Of the manager with a ZooKeeper in it. */
    static String manager(DemoPorts ports, String dataFolder) {
        return """
                cluster: %s
                id: manager-1
                listen: %s:%d
                data_dir: %s
                embedded_zookeeper:
                  listen: %s:%d
                """.formatted(
                        NAME, LoopbackPorts.HOST, ports.manager(), dataFolder, LoopbackPorts.HOST, ports.zooKeeper());
    }
}
