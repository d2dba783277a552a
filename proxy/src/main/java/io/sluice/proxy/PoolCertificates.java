package io.sluice.proxy;

import io.sluice.proxy.config.ProxyConfig.Pool;
import io.sluice.proxy.tls.CertificateWatch;
import io.sluice.proxy.tls.ListenerContexts;
import io.sluice.proxy.tls.ListenerTls;
import io.sluice.proxy.tls.Reloading;
import io.sluice.proxy.tls.ServerContext;
import io.sluice.proxy.tls.ServerTls;
import io.sluice.proxy.tls.TlsEngine;
import io.sluice.proxy.tls.TlsFileException;
import org.jspecify.annotations.Nullable;

/**
 * The certificates of one pool, as new as their files. Thread-safe.
 *
 * @param clients what TLS is spoken to clients with; null if it is not
 * @param servers the same for servers
 */
record PoolCertificates(
        @Nullable Reloading<ListenerContexts> clients,
        @Nullable Reloading<ServerContext> servers) {

    /** Reads them, and has them watched from now on. Blocks. */
    static PoolCertificates read(Pool pool, TlsEngine engine, CertificateWatch watch) throws ProxyStartException {
        @Nullable ListenerTls tls = pool.edge().tls();
        @Nullable ServerTls serverTls = pool.edge().serverTls();
        try {
            PoolCertificates read = new PoolCertificates(
                    tls == null
                            ? null
                            : new Reloading<>(
                                    pool.name(), "tls", tls.files(), () -> ListenerContexts.read(tls, engine)),
                    serverTls == null
                            ? null
                            : new Reloading<>(
                                    pool.name(),
                                    "server_tls",
                                    serverTls.files(),
                                    () -> ServerContext.read(serverTls, engine)));
            read.watchBy(watch);
            return read;
        } catch (TlsFileException e) {
            throw new ProxyStartException("pool " + pool.name() + ": " + e.describe(), e);
        }
    }

    private void watchBy(CertificateWatch watch) {
        if (clients != null) {
            watch.watch(clients);
        }
        if (servers != null) {
            watch.watch(servers);
        }
    }

    /** They are read no more: their pool is gone. */
    void forgetBy(CertificateWatch watch) {
        if (clients != null) {
            watch.forget(clients);
        }
        if (servers != null) {
            watch.forget(servers);
        }
    }
}
