package io.sluice.routing.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a proxy or a manager reaches ZooKeeper.
 *
 * @param connect {@code host:port} of its servers with commas between them, perhaps with a path behind the last
 * @param sessionTimeout how long ZooKeeper takes one that is silent for alive; its servers keep it between 2 and 20 of
 *     their ticks
 * @param connectTimeout how long a call waits for a connection
 * @param login null for none: then everybody who reaches ZooKeeper may change what is written there
 * @param tls null for none
 */
public record ZooKeeperAccess(
        String connect,
        Duration sessionTimeout,
        Duration connectTimeout,
        @Nullable Login login,
        @Nullable Tls tls) {

    public static final Duration SESSION_TIMEOUT = Duration.ofSeconds(6);
    public static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

    /** Plain, with the defaults. */
    public static ZooKeeperAccess to(String connect) {
        return new ZooKeeperAccess(connect, SESSION_TIMEOUT, CONNECT_TIMEOUT, null, null);
    }

    /** The same as somebody. */
    public ZooKeeperAccess as(@Nullable Login newLogin) {
        return new ZooKeeperAccess(connect, sessionTimeout, connectTimeout, newLogin, tls);
    }

    /**
     * The digest of ZooKeeper's own authentication. Whoever has one makes its nodes so that only the same one may read
     * or change them; all proxies and managers of a cluster have the same.
     */
    public record Login(String user, String password) {

        /** As the scheme {@code digest} wants it. */
        public String digest() {
            return user + ":" + password;
        }

        @Override
        public String toString() {
            return "Login[user=" + user + "]";
        }
    }

    /**
     * Files in PEM form.
     *
     * @param ca who is believed; null for those that Java believes
     * @param certificate our certificate with its chain, and its key, in one file; null for none
     * @param verify whether the name in a server's certificate must be the one that was connected to
     */
    public record Tls(@Nullable Path ca, @Nullable Path certificate, boolean verify) {}

    /** What ZooKeeper's client must be told of it, by the names of its own properties. */
    public Map<String, String> clientProperties() {
        Map<String, String> properties = new LinkedHashMap<>();
        if (tls != null) {
            properties.put("zookeeper.client.secure", "true");
            properties.put("zookeeper.clientCnxnSocket", "org.apache.zookeeper.ClientCnxnSocketNetty");
            properties.put("zookeeper.ssl.hostnameVerification", Boolean.toString(tls.verify()));
            putStore(properties, "zookeeper.ssl.trustStore", tls.ca());
            putStore(properties, "zookeeper.ssl.keyStore", tls.certificate());
        }
        return properties;
    }

    private static void putStore(Map<String, String> properties, String name, @Nullable Path file) {
        if (file != null) {
            properties.put(name + ".location", file.toString());
            properties.put(name + ".type", "PEM");
        }
    }
}
