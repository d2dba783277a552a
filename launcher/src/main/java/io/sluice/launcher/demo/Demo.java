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
import java.util.List;

/**
 * A running demo.
 *
 * <pre>
 *   client ──▶ proxy 127.0.0.1:22121 ──▶ shard-1, shard-2, shard-3   processes of their own, in one private folder
 * </pre>
 */
public final class Demo implements AutoCloseable {

    public static final int MAX_SHARDS = 16;

    private static final int ADMIN_PORT = 9600;

    private final DemoServers servers;
    private final Proxy proxy;
    private final List<String> banner;

    private Demo(DemoServers servers, Proxy proxy, List<String> banner) {
        this.servers = servers;
        this.proxy = proxy;
        this.banner = List.copyOf(banner);
    }

    /** Starts everything, or throws and leaves nothing running. */
    public static Demo start(int port, int shards) throws DemoException {
        DemoServers servers = DemoServers.start(LoopbackPorts.choose(port, shards));
        try {
            return putProxyBefore(servers, port);
        } catch (ConfigException | ProxyStartException e) {
            servers.close();
            throw new DemoException(String.valueOf(e.getMessage()), e);
        } catch (DemoException | RuntimeException e) {
            servers.close();
            throw e;
        }
    }

    private static Demo putProxyBefore(DemoServers servers, int port) throws DemoException, ProxyStartException {
        Path file = servers.write("demo.yml", DemoConfig.yaml(port, servers.servers()));
        Endpoint admin = Endpoint.preferably(ServerAddress.tcp(LoopbackPorts.HOST, ADMIN_PORT));
        ProxyConfig config = ProxyConfig.read(file).withMonitoring(Monitoring.NONE.withAdmin(admin));
        Router router = Router.of(config.pools().get(0).definition());
        Proxy proxy = Proxy.start(config);
        DemoBanner banner = new DemoBanner(port, servers.servers(), SampleKeys.of(router));
        return new Demo(servers, proxy, banner.lines(proxy, servers.origin(), file));
    }

    /** What to show, line by line. */
    public List<String> banner() {
        return banner;
    }

    /** Answers what is in flight, then ends the servers and removes their folder. */
    @Override
    public void close() {
        proxy.drainAndStop();
        servers.close();
    }
}
