package io.sluice.routing.topology;

/**
 * Where a server listens: a TCP host and port, or the path of a unix socket.
 *
 * @param hostOrPath host name, IPv4 or IPv6 literal without brackets; for a unix socket its absolute path
 * @param port 1 to 65535; 0 for a unix socket
 */
public record ServerAddress(String hostOrPath, int port) {

    public static ServerAddress tcp(String host, int port) {
        return new ServerAddress(host, port);
    }

    public static ServerAddress unix(String path) {
        return new ServerAddress(path, 0);
    }

    public boolean isUnixSocket() {
        return hostOrPath.startsWith("/");
    }

    @Override
    public String toString() {
        return isUnixSocket() ? hostOrPath : hostOrPath + ":" + port;
    }
}
