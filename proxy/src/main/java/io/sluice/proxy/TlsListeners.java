package io.sluice.proxy;

import io.sluice.proxy.config.ProxyConfig.Pool;
import io.sluice.proxy.tls.ListenerContexts;
import io.sluice.proxy.tls.ListenerTls;
import io.sluice.proxy.tls.Reloading;
import io.sluice.proxy.transport.ListeningSocket;
import io.sluice.proxy.transport.Loops;
import io.sluice.proxy.transport.TlsDoor;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Opens the listener of a pool for clients that speak TLS: one socket for each event loop. */
final class TlsListeners {

    private TlsListeners() {}

    /**
     * None if the pool has no such listener.
     *
     * @param index of the pool in all workers
     */
    static List<ListeningSocket> open(
            int index, ServedPool served, @Nullable SocketAddress address, Loops loops, List<Worker> workers) {
        Pool pool = served.config();
        @Nullable ListenerTls tls = pool.edge().tls();
        @Nullable Reloading<ListenerContexts> contexts = served.certificates().clients();
        List<ListeningSocket> sockets = new ArrayList<>();
        if (tls == null || contexts == null || address == null) {
            return sockets;
        }
        Loops.ListenOptions options = new Loops.ListenOptions(pool.backlog(), pool.tcpKeepalive());
        for (int loop = 0; loop < loops.count(); loop++) {
            TlsDoor door = new TlsDoor(
                    contexts,
                    tls.handshakeTimeout(),
                    tls.maxHandshakes(),
                    pool.edge().headers(),
                    workers.get(loop).tlsArrivals(index));
            sockets.add(loops.listenTls(
                    loop,
                    address,
                    options,
                    door,
                    (worker, out) -> workers.get(worker).acceptTls(index, out)));
        }
        return sockets;
    }
}
