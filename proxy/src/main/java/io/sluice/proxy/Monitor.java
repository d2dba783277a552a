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
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The open addresses where people and collectors look inside. An address that somebody asked for and that cannot be had
 * keeps the proxy from starting; a default one does not, since a second proxy on a machine must not fail to serve its
 * clients because of a courtesy. Opened and closed by one thread at a time.
 */
final class Monitor implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Monitor.class);

    /** Opens one address; returns it with the port that was really taken. */
    private interface Opening {
        InetSocketAddress at(InetSocketAddress address) throws IOException;
    }

    private final Supplier<ProxyView> proxy;
    private @Nullable AdminServer server; // null while nothing is open
    private @Nullable String adminAddress;

    /** Nothing is open yet. */
    Monitor(Supplier<ProxyView> proxy) {
        this.proxy = proxy;
    }

    /** Opens what is asked for, which may be nothing. */
    void open(Monitoring monitoring) throws ProxyStartException {
        if (monitoring.admin().address() == null && monitoring.stats().address() == null) {
            return;
        }
        AdminServer opened = new AdminServer(proxy.get(), AdminLimits.DEFAULTS);
        try {
            String admin = open("admin", "--admin", monitoring.admin(), opened::serveHttp);
            open("stats", "--stats-port", monitoring.stats(), opened::serveStats);
            server = opened;
            adminAddress = admin == null ? null : "http://" + admin;
        } catch (ProxyStartException | RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    /** The same where there are clients already: without these pages is better than without them. */
    void openLate(Monitoring monitoring) {
        try {
            open(monitoring);
        } catch (ProxyStartException e) {
            log.error("Going on without: {}", e.getMessage());
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

    /** Where they are, or where they are about to be; empty if nowhere. */
    String adminToTell(Monitoring monitoring) {
        String configured = String.valueOf(monitoring.admin());
        String soon = server == null && !configured.equals("none") ? "http://" + configured : "";
        return adminAddress().orElse(soon);
    }

    @Override
    public void close() {
        if (server != null) {
            server.close();
            server = null;
            adminAddress = null;
        }
    }
}
