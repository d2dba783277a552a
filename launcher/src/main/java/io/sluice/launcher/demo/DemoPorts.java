package io.sluice.launcher.demo;

import java.util.List;

/**
 * Where a demo listens.
 *
 * @param proxies two of them
 * @param manager of the API
 * @param zooKeeper of the one in the manager
 * @param servers one for each shard
 */
record DemoPorts(List<Integer> proxies, int manager, int zooKeeper, List<Integer> servers) {

    /** What {@code ctl} asks by itself. */
    static final int MANAGER = 9700;

    private static final int ZOOKEEPER = 9701;
    private static final int OTHERS = 3;

    DemoPorts {
        proxies = List.copyOf(proxies);
        servers = List.copyOf(servers);
    }

    /** Throws if the first proxy's port is taken; the others are what people expect where that is free. */
    static DemoPorts choose(int proxy, int shards) throws DemoException {
        List<Integer> ports = LoopbackPorts.choose(proxy, List.of(proxy + 1, MANAGER, ZOOKEEPER), shards);
        return new DemoPorts(
                List.of(proxy, ports.get(0)), ports.get(1), ports.get(2), ports.subList(OTHERS, ports.size()));
    }

    /** The same with any free ports for the manager, since somebody has taken these in the meantime. */
    DemoPorts withOtherManager() throws DemoException {
        List<Integer> free = LoopbackPorts.free(2);
        return new DemoPorts(proxies, free.get(0), free.get(1), servers);
    }
}
