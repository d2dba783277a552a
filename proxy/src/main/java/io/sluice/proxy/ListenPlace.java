package io.sluice.proxy;

import io.sluice.proxy.config.ProxyConfig.Listener;
import io.sluice.proxy.config.ProxyConfig.Pool;
import io.sluice.routing.topology.ServerAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * An address at which clients of a pool connect, and how.
 *
 * @param tls whether they speak TLS there
 */
record ListenPlace(ServerAddress address, boolean tls) {

    private static final int NO_MODE = -1;

    /** One or two. */
    static List<ListenPlace> of(Pool pool) {
        List<ListenPlace> places = new ArrayList<>();
        if (!pool.edge().isTlsOnly(pool.listen())) {
            places.add(new ListenPlace(pool.listen().address(), false));
        }
        if (pool.edge().tlsListen() != null) {
            places.add(new ListenPlace(pool.edge().tlsListen(), true));
        }
        return places;
    }

    /** The same with the mode of a unix socket. */
    Listener listener(Pool pool) {
        return tls ? new Listener(address, NO_MODE) : pool.listen();
    }
}
