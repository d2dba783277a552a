package io.sluice.proxy;

import io.sluice.proxy.config.ProxyConfig.Listener;
import io.sluice.proxy.config.ProxyConfig.Pool;
import io.sluice.routing.topology.ServerAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Checks of the places where the proxy is to listen, before it does. Blocks; for the start only. */
final class ListenAddresses {

    private ListenAddresses() {}

    /** The address to bind. */
    static SocketAddress resolve(Pool pool, ServerAddress address) throws ProxyStartException {
        try {
            return new InetSocketAddress(InetAddress.getByName(address.hostOrPath()), address.port());
        } catch (UnknownHostException e) {
            throw new ProxyStartException(
                    "pool " + pool.name() + ": cannot listen on " + address + ": unknown host", e);
        }
    }

    /**
     * Fails if somebody listens there already. Our own sockets share their port (SO_REUSEPORT), so without this check
     * a second proxy would silently take half of the first one's clients.
     */
    static void checkFree(Pool pool, SocketAddress address) throws ProxyStartException {
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true); // connections of a former process may linger
            probe.bind(address);
        } catch (IOException e) {
            throw new ProxyStartException(
                    "pool " + pool.name() + ": cannot listen on " + shown(address) + ": " + e.getMessage(), e);
        }
    }

    private static String shown(SocketAddress address) {
        return address instanceof InetSocketAddress tcp
                ? tcp.getHostString() + ":" + tcp.getPort()
                : address.toString();
    }

    /** Removes the file of a unix socket on which nobody listens any more; fails if somebody does. */
    static void removeStale(Pool pool) throws ProxyStartException {
        Path path = Path.of(pool.listen().address().hostOrPath());
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try {
            if (!isSocket(path)) {
                throw new ProxyStartException("pool " + pool.name() + ": cannot listen on " + path
                        + ": a file that is not a socket is there");
            }
            if (answers(path)) {
                throw new ProxyStartException(
                        "pool " + pool.name() + ": cannot listen on " + path + ": Address already in use");
            }
            Files.delete(path);
        } catch (IOException e) {
            throw new ProxyStartException(
                    "pool " + pool.name() + ": cannot listen on " + path + ": " + e.getMessage(), e);
        }
    }

    private static boolean isSocket(Path path) throws IOException {
        int mode = (Integer) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        return (mode & 0170000) == 0140000; // S_IFMT, S_IFSOCK
    }

    private static boolean answers(Path path) {
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            return probe.connect(UnixDomainSocketAddress.of(path));
        } catch (IOException e) {
            return false;
        }
    }

    /** Gives the file of a unix socket the permissions asked for. */
    static void setMode(Listener listener) throws IOException {
        if (listener.unixMode() < 0) {
            return;
        }
        StringBuilder rwx = new StringBuilder("rwxrwxrwx");
        for (int bit = 0; bit < rwx.length(); bit++) {
            if ((listener.unixMode() & 0400 >> bit) == 0) {
                rwx.setCharAt(bit, '-');
            }
        }
        Set<PosixFilePermission> permissions = PosixFilePermissions.fromString(rwx.toString());
        Files.setPosixFilePermissions(Path.of(listener.address().hostOrPath()), permissions);
    }
}
