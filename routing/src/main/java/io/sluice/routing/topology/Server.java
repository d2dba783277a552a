package io.sluice.routing.topology;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;

/**
 * One server of a pool.
 *
 * @param name what the ring hashes and what people read: the alias, or what twemproxy derives from the address
 * @param address where it listens
 * @param weight its share of the keys, at least 1
 */
public record Server(String name, ServerAddress address, int weight) {

    /**
     * The order in which twemproxy numbers the servers of a pool: shorter names first, then by their bytes
     * (nc_string.c). It decides where modula puts keys, and who wins a tie on the ring.
     */
    public static final Comparator<Server> RING_ORDER = (left, right) -> {
        byte[] leftName = left.name.getBytes(StandardCharsets.UTF_8);
        byte[] rightName = right.name.getBytes(StandardCharsets.UTF_8);
        return leftName.length == rightName.length
                ? Arrays.compareUnsigned(leftName, rightName)
                : Integer.compare(leftName.length, rightName.length);
    };

    private static final int MEMCACHED_PORT = 11211;

    /**
     * The name twemproxy gives a server without an alias (nc_conf.c): host and port, but only the host for memcached's
     * own port; the path of a unix socket keeps the colon that ends it in the file.
     */
    public static String ringName(ServerAddress address) {
        if (address.isUnixSocket()) {
            return address.hostOrPath() + ":";
        }
        return address.port() == MEMCACHED_PORT ? address.hostOrPath() : address.hostOrPath() + ":" + address.port();
    }
}
