package io.sluice.proxy;

import io.sluice.proxy.config.Edge;
import io.sluice.proxy.config.ProxyConfig.Pool;
import io.sluice.proxy.tls.CertificateWatch;
import io.sluice.proxy.tls.ListenerContexts;
import io.sluice.proxy.tls.ListenerTls;
import io.sluice.proxy.tls.Reloading;
import io.sluice.proxy.tls.ServerContext;
import io.sluice.proxy.tls.ServerTls;
import io.sluice.proxy.tls.TlsEngine;
import io.sluice.proxy.tls.TlsFileException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The certificates of one pool, as new as their files. Thread-safe.
 *
 * @param edge which says where they are
 * @param clients what TLS is spoken to clients with; null if it is not
 * @param servers the same for servers
 */
record PoolCertificates(
        Edge edge,
        @Nullable Reloading<ListenerContexts> clients,
        @Nullable Reloading<ServerContext> servers) {

    /** Reads them. Blocks. */
    static PoolCertificates read(Pool pool) throws ProxyStartException {
        return new PoolCertificates(Edge.OPEN, null, null).next(pool);
    }

    /** Those of the pool's next version: the same where the same files are named. Blocks if it has to read others. */
    PoolCertificates next(Pool pool) throws ProxyStartException {
        Edge next = pool.edge();
        try {
            return new PoolCertificates(
                    next,
                    Objects.equals(edge.tls(), next.tls()) ? clients : clients(pool.name(), next.tls()),
                    Objects.equals(edge.serverTls(), next.serverTls())
                            ? servers
                            : servers(pool.name(), next.serverTls()));
        } catch (TlsFileException e) {
            throw new ProxyStartException("pool " + pool.name() + ": " + e.describe(), e);
        }
    }

    private static @Nullable Reloading<ListenerContexts> clients(String pool, @Nullable ListenerTls tls)
            throws TlsFileException {
        return tls == null
                ? null
                : new Reloading<>(pool, "tls", tls.files(), () -> ListenerContexts.read(tls, TlsEngine.choose()));
    }

    private static @Nullable Reloading<ServerContext> servers(String pool, @Nullable ServerTls tls)
            throws TlsFileException {
        return tls == null
                ? null
                : new Reloading<>(pool, "server_tls", tls.files(), () -> ServerContext.read(tls, TlsEngine.choose()));
    }

    /** They are in use: their files are looked at from now on. */
    void watchBy(CertificateWatch watch) {
        if (clients != null) {
            watch.watch(clients);
        }
        if (servers != null) {
            watch.watch(servers);
        }
    }

    /** The next version is in use instead. */
    void forgetUnlessIn(PoolCertificates next, CertificateWatch watch) {
        forgetBy(watch);
        next.watchBy(watch);
    }

    /** They are not in use any more. */
    void forgetBy(CertificateWatch watch) {
        if (clients != null) {
            watch.forget(clients);
        }
        if (servers != null) {
            watch.forget(servers);
        }
    }
}
