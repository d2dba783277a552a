package io.sluice.proxy;

import io.sluice.proxy.config.ProxyConfig.Pool;
import io.sluice.proxy.transport.ListeningSocket;
import io.sluice.proxy.transport.Loops;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens the sockets at which pools listen. Blocks; not for an event loop. */
final class Listeners {

    private static final Logger log = LoggerFactory.getLogger(Listeners.class);

    private final Loops loops;

    Listeners(Loops loops) {
        this.loops = loops;
    }

    /** Fails if a pool could certainly not listen where it is to. */
    static void check(Pool pool) throws ProxyStartException {
        if (pool.listen().address().isUnixSocket()) {
            ListenAddresses.removeStale(pool);
        } else {
            ListenAddresses.checkFree(pool, ListenAddresses.resolve(pool));
        }
    }

    /** Opens all of a pool's sockets, or none. */
    PoolListener open(Pool pool, LivePool live) throws ProxyStartException {
        PoolListener listener = new PoolListener(pool.listen(), live);
        listener.opened(sockets(pool, listener::accept));
        log.info(
                "Listening: pool={} protocol={} address={} servers={}",
                pool.name(),
                pool.protocol().word(),
                pool.listen().address(),
                pool.definition().servers().size());
        return listener;
    }

    private List<ListeningSocket> sockets(Pool pool, Loops.Acceptor acceptor) throws ProxyStartException {
        Loops.ListenOptions options = new Loops.ListenOptions(pool.backlog(), pool.tcpKeepalive());
        List<ListeningSocket> sockets = new ArrayList<>();
        try {
            if (pool.listen().address().isUnixSocket()) {
                ListenAddresses.removeStale(pool);
                sockets.add(loops.listenUnix(pool.listen().address().hostOrPath(), options, acceptor));
                ListenAddresses.setMode(pool.listen());
            } else {
                SocketAddress address = ListenAddresses.resolve(pool);
                ListenAddresses.checkFree(pool, address);
                for (int loop = 0; loop < loops.count(); loop++) {
                    sockets.add(loops.listenTcp(loop, address, options, acceptor));
                }
            }
            return sockets;
        } catch (ProxyStartException e) {
            throw e;
        } catch (Exception e) { // Netty throws checked exceptions unannounced
            sockets.forEach(ListeningSocket::close);
            throw new ProxyStartException(
                    "pool " + pool.name() + ": cannot listen on "
                            + pool.listen().address() + ": " + e.getMessage(),
                    e);
        }
    }
}
