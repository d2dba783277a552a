package io.sluice.proxy;

import io.sluice.proxy.config.ProxyConfig.Pool;
import io.sluice.proxy.transport.ListeningSocket;
import io.sluice.proxy.transport.Loops;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens the sockets at which pools listen. Blocks; not for an event loop. */
final class Listeners {

    private static final Logger log = LoggerFactory.getLogger(Listeners.class);

    private final Loops loops;
    private final Map<String, List<Integer>> inherited = new HashMap<>(); // descriptors by address
    private boolean takesOver; // another process listens where this one is about to

    Listeners(Loops loops) {
        this.loops = loops;
    }

    /** Descriptors of sockets at which another process has listened so far, by address; taken over. */
    void inherit(Map<String, List<Integer>> descriptors) {
        takesOver = true;
        inherited.putAll(descriptors);
    }

    /** Closes what has been inherited and no pool wanted. */
    void closeUnwanted() {
        inherited.values().forEach(unwanted -> unwanted.forEach(Loops::closeInherited));
        inherited.clear();
        takesOver = false;
    }

    /**
     * Fails if a pool could certainly not listen where it is to.
     *
     * @param from the process whose place is taken; null if there is none
     */
    static void check(Pool pool, @Nullable TakeOver from) throws ProxyStartException {
        for (ListenPlace place : ListenPlace.of(pool)) {
            if (from != null
                    && (place.tls()
                            || from.descriptors().containsKey(place.address().toString()))) {
                continue; // that process listens there
            }
            if (place.address().isUnixSocket()) {
                ListenAddresses.removeStale(pool);
            } else {
                ListenAddresses.checkFree(pool, ListenAddresses.resolve(pool, place.address()));
            }
        }
    }

    /** Opens all sockets of one of a pool's places, or none. */
    PoolListener open(ListenPlace place, Pool pool, LivePool live) throws ProxyStartException {
        PoolListener listener = new PoolListener(place.listener(pool), live);
        listener.opened(place.tls() ? tlsSockets(place, pool, listener) : sockets(pool, listener));
        log.info(
                "Listening: pool={} protocol={} address={} tls={} servers={}",
                pool.name(),
                pool.protocol().word(),
                place.address(),
                place.tls(),
                pool.definition().servers().size());
        return listener;
    }

    private List<ListeningSocket> tlsSockets(ListenPlace place, Pool pool, PoolListener listener)
            throws ProxyStartException {
        Loops.ListenOptions options = new Loops.ListenOptions(pool.backlog(), pool.tcpKeepalive());
        SocketAddress address = ListenAddresses.resolve(pool, place.address());
        if (!takesOver) { // else the other process listens there until this one is ready
            ListenAddresses.checkFree(pool, address);
        }
        List<ListeningSocket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < loops.count(); i++) {
                int loop = i;
                sockets.add(loops.listenTls(loop, address, options, () -> listener.tlsDoor(loop), listener::acceptTls));
            }
            return sockets;
        } catch (Exception e) { // Netty throws checked exceptions unannounced
            sockets.forEach(ListeningSocket::close);
            throw new ProxyStartException(
                    "pool " + pool.name() + ": cannot listen on " + place.address() + ": " + e.getMessage(), e);
        }
    }

    private List<ListeningSocket> sockets(Pool pool, PoolListener listener) throws ProxyStartException {
        Loops.ListenOptions options = new Loops.ListenOptions(pool.backlog(), pool.tcpKeepalive());
        List<ListeningSocket> sockets = new ArrayList<>();
        List<Integer> descriptors = inherited.remove(pool.listen().address().toString());
        Loops.Acceptor acceptor = listener::accept;
        if (descriptors != null) {
            listener.share();
            return goOn(pool, descriptors, options, acceptor);
        }
        try {
            if (pool.listen().address().isUnixSocket()) {
                ListenAddresses.removeStale(pool);
                sockets.add(loops.listenUnix(pool.listen().address().hostOrPath(), options, acceptor));
                ListenAddresses.setMode(pool.listen());
            } else {
                SocketAddress address =
                        ListenAddresses.resolve(pool, pool.listen().address());
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

    /** All of them, whatever the number of event loops: each has clients of its own that wait to be accepted. */
    private List<ListeningSocket> goOn(
            Pool pool, List<Integer> descriptors, Loops.ListenOptions options, Loops.Acceptor acceptor) {
        boolean unixSocket = pool.listen().address().isUnixSocket();
        List<ListeningSocket> sockets = new ArrayList<>();
        for (int i = 0; i < descriptors.size(); i++) {
            int loop = unixSocket ? 0 : i % loops.count();
            sockets.add(loops.listenInherited(loop, descriptors.get(i), unixSocket, options, acceptor));
        }
        for (int loop = descriptors.size(); loop < loops.count() && !unixSocket; loop++) {
            try {
                sockets.add(loops.listenTcp(
                        loop, ListenAddresses.resolve(pool, pool.listen().address()), options, acceptor));
            } catch (IOException | ProxyStartException e) {
                log.warn("A worker accepts no clients: pool={} worker={} error={}", pool.name(), loop, e.getMessage());
            }
        }
        return sockets;
    }
}
