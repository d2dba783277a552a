package io.sluice.proxy;

import io.sluice.proxy.admin.AdminLimits;
import io.sluice.proxy.admin.AdminServer;
import io.sluice.proxy.admin.ProxyView;
import io.sluice.proxy.config.Monitoring;
import io.sluice.proxy.config.Monitoring.Endpoint;
import io.sluice.proxy.config.Monitoring.IfTaken;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
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

    /** Opens one address; returns it with the port that was really taken. */
    private interface Opening {
        InetSocketAddress at(InetSocketAddress address) throws IOException;
    }

    private final AdminServer server;
    private @Nullable String adminAddress;

    private Monitor(AdminServer server) {
        this.server = server;
    }

    /** Opens what is asked for; null if that is nothing. */
    static @Nullable Monitor start(Monitoring monitoring, ProxyView proxy) throws ProxyStartException {
        if (monitoring.admin().address() == null && monitoring.stats().address() == null) {
            return null;
        }
        AdminServer server = new AdminServer(proxy, AdminLimits.DEFAULTS);
        Monitor monitor = new Monitor(server);
        try {
            String admin = open("admin", "--admin", monitoring.admin(), server::serveHttp);
            monitor.adminAddress = admin == null ? null : "http://" + admin;
            open("stats", "--stats-port", monitoring.stats(), server::serveStats);
            return monitor;
        } catch (ProxyStartException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    /** The address that is open; null if there is none. */
    private static @Nullable String open(String key, String option, Endpoint endpoint, Opening opening)
            throws ProxyStartException {
        if (endpoint.address() == null) {
            return null;
        }
        String host = endpoint.address().hostOrPath();
        try {
            InetSocketAddress wanted = new InetSocketAddress(
                    InetAddress.getByName(host), endpoint.address().port());
            String open = host + ":" + open(wanted, endpoint.ifTaken(), opening).getPort();
            log.info("Monitoring: {}={}", key, open);
            return open;
        } catch (IOException e) {
            String problem = key + ": cannot listen on " + endpoint.address() + ": " + e.getMessage();
            String remedy = "choose another address with the key '" + key + "' or with " + option + ", or none";
            return goWithout(endpoint.ifTaken(), problem, remedy, e);
        }
    }

    private static InetSocketAddress open(InetSocketAddress wanted, IfTaken ifTaken, Opening opening)
            throws IOException {
        try {
            return opening.at(wanted);
        } catch (BindException e) {
            if (ifTaken == IfTaken.TAKE_ANOTHER_PORT) {
                return opening.at(new InetSocketAddress(wanted.getAddress(), 0));
            }
            throw e;
        }
    }

    private static @Nullable String goWithout(IfTaken ifTaken, String problem, String remedy, IOException cause)
            throws ProxyStartException {
        return switch (ifTaken) {
            case GO_WITHOUT -> {
                log.warn("{}; going on without it; {}", problem, remedy);
                yield null;
            }
            case FAIL, TAKE_ANOTHER_PORT -> throw new ProxyStartException(problem + "; " + remedy, cause);
        };
    }

    /** Where the pages are, as a URL; empty if there are none. */
    Optional<String> adminAddress() {
        return Optional.ofNullable(adminAddress);
    }

    @Override
    public void close() {
        server.close();
    }
}
