package io.sluice.proxy;

import io.sluice.proxy.config.Edge;
import io.sluice.proxy.config.ProxyConfig.Listener;
import io.sluice.proxy.tls.ListenerContexts;
import io.sluice.proxy.tls.ListenerTls;
import io.sluice.proxy.tls.Reloading;
import io.sluice.proxy.transport.ConnectionHandler;
import io.sluice.proxy.transport.ListeningSocket;
import io.sluice.proxy.transport.OutBuffer;
import io.sluice.proxy.transport.TlsDoor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An address at which clients are accepted, and the pool that they are of; that may change, the sockets stay. */
final class PoolListener {

    private static final Logger log = LoggerFactory.getLogger(PoolListener.class);

    private List<ListeningSocket> sockets = List.of();
    private Listener at;
    private volatile LivePool pool;
    private volatile boolean shared; // another process listens as well, and the file is its

    PoolListener(Listener at, LivePool pool) {
        this.at = at;
        this.pool = pool;
    }

    /** Another process has opened the sockets, and listens until it is told otherwise. */
    void share() {
        shared = true;
    }

    /** Nobody else listens any more. */
    void own() {
        shared = false;
    }

    /** The sockets are open. */
    void opened(List<ListeningSocket> open) {
        sockets = List.copyOf(open);
    }

    /** A client that has just connected. On the event loop that accepted it. */
    ConnectionHandler accept(int loop, OutBuffer out) {
        return pool.accept(loop, out);
    }

    /** A client with whom TLS has been agreed on. On the event loop that accepted it. */
    ConnectionHandler acceptTls(int loop, OutBuffer out) {
        return pool.share(loop).acceptTls(out);
    }

    /** How a client that speaks TLS is met now; null in the moment before its pool knows of it. On its event loop. */
    @Nullable TlsDoor tlsDoor(int loop) {
        LivePool now = pool;
        Edge edge = now.version().config().edge();
        @Nullable ListenerTls tls = edge.tls();
        @Nullable Reloading<ListenerContexts> contexts = now.version().certificates().clients();
        if (tls == null || contexts == null) {
            return null;
        }
        return new TlsDoor(
                contexts,
                tls.handshakeTimeout(),
                tls.maxHandshakes(),
                edge.headers(),
                now.share(loop).tlsArrivals());
    }

    /** Clients who come from now on are of this pool. */
    void serve(LivePool next, Listener sameAddress) {
        pool = next;
        if (sameAddress.unixMode() != at.unixMode()) {
            at = sameAddress;
            try {
                ListenAddresses.setMode(at);
            } catch (IOException e) {
                log.warn("Mode of the socket not changed: path={} error={}", at.address(), e.getMessage());
            }
        }
    }

    List<ListeningSocket> sockets() {
        return sockets;
    }

    /** Another process goes on accepting. */
    void release() {
        sockets.forEach(ListeningSocket::close);
    }

    /** Stops accepting. */
    void close() {
        release();
        if (!shared && at.address().isUnixSocket()) {
            Path path = Path.of(at.address().hostOrPath());
            try {
                Files.deleteIfExists(path);
            } catch (IOException e) {
                log.debug("Left behind: path={}", path, e);
            }
        }
    }
}
