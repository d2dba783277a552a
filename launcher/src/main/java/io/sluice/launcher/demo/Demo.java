package io.sluice.launcher.demo;

import io.sluice.proxy.Proxy;
import io.sluice.proxy.ProxyStartException;
import io.sluice.proxy.config.Monitoring;
import io.sluice.proxy.config.Monitoring.Endpoint;
import io.sluice.proxy.config.ProxyConfig;
import io.sluice.routing.Router;
import io.sluice.routing.config.ConfigException;
import io.sluice.routing.topology.ServerAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A running demo.
 *
 * <pre>
 *   client ──▶ proxy-1 127.0.0.1:22121 ──▶ shard-1, shard-2, shard-3   processes of their own, in one private folder
 *          ──▶ proxy-2 127.0.0.1:22122 ──▶ the same
 *                  ▲ topology
 *   ctl ──▶ manager 127.0.0.1:9700 with ZooKeeper
 * </pre>
 */
public final class Demo implements AutoCloseable {

    public static final int MAX_SHARDS = 16;

    private static final int ADMIN_PORT = 9600;
    private static final int PROXIES = 2;

    private final DemoServers servers;
    private final DemoPorts ports;
    private final List<Proxy> proxies = new ArrayList<>();
    private final DemoCluster cluster;

    private Demo(DemoServers servers, DemoPorts ports, DemoCluster cluster) {
        this.servers = servers;
        this.ports = ports;
        this.cluster = cluster;
    }

    /** Starts everything, or throws and leaves nothing running. */
    public static Demo start(int port, int shards) throws DemoException {
        DemoPorts ports = DemoPorts.choose(port, shards);
        DemoServers servers = DemoServers.start(ports.servers());
        try {
            Demo demo = startCluster(servers, ports);
            demo.startProxies();
            return demo;
        } catch (DemoException | RuntimeException e) {
            servers.close();
            throw e;
        }
    }

    /** A second demo may have begun at the same moment, and taken the ports that both found free. */
    private static Demo startCluster(DemoServers servers, DemoPorts ports) throws DemoException {
        try {
            return new Demo(servers, ports, startManager(servers, ports));
        } catch (DemoException e) {
            DemoPorts others = ports.withOtherManager();
            return new Demo(servers, others, startManager(servers, others));
        }
    }

    private static DemoCluster startManager(DemoServers servers, DemoPorts ports) throws DemoException {
        String data = servers.folder().resolve("zookeeper").toString();
        return DemoCluster.start(servers.write("manager.yaml", DemoConfig.manager(ports, data)), servers.servers());
    }

    private void startProxies() throws DemoException {
        try {
            for (int number = 1; number <= PROXIES; number++) {
                proxies.add(Proxy.start(config(number)));
            }
        } catch (ConfigException | ProxyStartException e) {
            close();
            throw new DemoException(String.valueOf(e.getMessage()), e);
        } catch (DemoException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private ProxyConfig config(int number) throws DemoException {
        Path file = servers.write("proxy-" + number + ".yaml", DemoConfig.proxy(number, ports));
        Endpoint admin = Endpoint.preferably(ServerAddress.tcp(LoopbackPorts.HOST, ADMIN_PORT + number - 1));
        return ProxyConfig.read(file).withMonitoring(Monitoring.NONE.withAdmin(admin));
    }

    /** What to show, line by line. */
    public List<String> banner() {
        Router router = Router.of(cluster.pool().definition());
        return new DemoBanner(ports, servers, cluster.url(), SampleKeys.of(router)).lines(proxies);
    }

    /** Answers what is in flight, then ends manager and servers and removes their folder. */
    @Override
    public void close() {
        proxies.forEach(Proxy::drainAndStop);
        cluster.close();
        servers.close();
    }
}
