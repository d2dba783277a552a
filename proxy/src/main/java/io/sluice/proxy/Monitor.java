package io.sluice.proxy;

import io.sluice.proxy.admin.AdminLimits;
import io.sluice.proxy.admin.AdminServer;
import io.sluice.proxy.admin.ProxyView;
import io.sluice.proxy.config.Monitoring;
import io.sluice.proxy.config.Monitoring.Endpoint;
import io.sluice.routing.topology.ServerAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The open addresses where people and collectors look inside. An address that somebody asked for and that cannot be had
 * keeps the proxy from starting; a default one does not, since a second proxy on a machine must not fail to serve its
 * clients because of a courtesy.
 */
final class Monitor implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Monitor.class);

    /** Opens one address. */
    private interface Opening {
        void at(SocketAddress address) throws IOException;
    }

    private final AdminServer server;
    private final List<String> lines = new ArrayList<>();

    private Monitor(AdminServer server) {
        this.server = server;
    }

    /** Opens what is asked for; null if that is nothing. */
    static @Nullable Monitor start(Monitoring monitoring, ProxyView proxy) throws ProxyStartException {
        if (monitoring.equals(Monitoring.NONE)) {
            return null;
        }
        AdminServer server = new AdminServer(proxy, AdminLimits.DEFAULTS);
        Monitor monitor = new Monitor(server);
        try {
            monitor.open("admin", "--admin", monitoring.admin(), server::serveHttp, "http://");
            monitor.open("stats", "--stats-port", monitoring.stats(), server::serveStats, "");
            return monitor;
        } catch (ProxyStartException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    private void open(String key, String option, Endpoint endpoint, Opening opening, String scheme)
            throws ProxyStartException {
        ServerAddress address = endpoint.address();
        if (address == null) {
            return;
        }
        try {
            opening.at(new InetSocketAddress(InetAddress.getByName(address.hostOrPath()), address.port()));
            lines.add(key + " " + scheme + address);
            log.info("Monitoring: {}={}", key, scheme + address);
        } catch (IOException e) {
            String problem = key + ": cannot listen on " + address + ": " + e.getMessage();
            String remedy = "choose another address with the key '" + key + "' or with " + option + ", or none";
            if (endpoint.required()) {
                throw new ProxyStartException(problem + "; " + remedy, e);
            }
            log.warn("{}; going on without it; {}", problem, remedy);
        }
    }

    /** What is open, for people. */
    List<String> lines() {
        return List.copyOf(lines);
    }

    @Override
    public void close() {
        server.close();
    }
}
