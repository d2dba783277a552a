package io.sluice.proxy.config;

import io.sluice.routing.config.PoolDefinition;
import io.sluice.routing.topology.ServerAddress;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything a proxy is told by its file.
 *
 * @param workers number of event loops; 0 stands for {@code auto}
 * @param transport which kernel interface to use
 * @param shutdownTimeout how long a stopping proxy waits for replies in flight
 * @param limits bounds of the whole proxy
 * @param pools at least one
 * @param warnings what is allowed and yet likely wrong, each with file, line and column
 */
public record ProxyConfig(
        int workers,
        TransportPreference transport,
        Duration shutdownTimeout,
        Limits limits,
        List<Pool> pools,
        List<String> warnings) {

    public ProxyConfig {
        pools = List.copyOf(pools);
        warnings = List.copyOf(warnings);
    }

    /** Which kernel interface to use; {@code AUTO} probes io_uring, then epoll, then NIO. */
    public enum TransportPreference {
        AUTO,
        IO_URING,
        EPOLL,
        NIO
    }

    /** Which protocol a pool's clients and servers speak. */
    public enum PoolProtocol {
        REDIS,
        MEMCACHE
    }

    /**
     * The named bounds of what a peer may make the proxy hold.
     *
     * @param maxRequestBytes largest request, with all its arguments
     * @param maxArguments most arguments of one request
     * @param maxInlineBytes longest inline command, and longest header line of a request
     * @param clientMaxInFlight requests of one client awaiting replies before the proxy stops reading from it
     * @param clientBufferBytes reply bytes one client has not taken before the proxy stops reading from it
     * @param clientHeldBytes reply bytes held for one client because an earlier reply is still owed
     * @param serverMaxInFlight requests on one server connection before further ones fail at once
     * @param serverQueueBytes request bytes that one server connection has not taken before further requests fail at once
     * @param maxClients client connections of the whole process
     */
    public record Limits(
            int maxRequestBytes,
            int maxArguments,
            int maxInlineBytes,
            int clientMaxInFlight,
            int clientBufferBytes,
            int clientHeldBytes,
            int serverMaxInFlight,
            int serverQueueBytes,
            int maxClients) {

        public static final Limits DEFAULTS =
                new Limits(64 << 20, 1 << 20, 64 << 10, 1024, 8 << 20, 64 << 20, 65_536, 64 << 20, 50_000);
    }

    /**
     * Where clients connect.
     *
     * @param address TCP address or unix socket path
     * @param unixMode permissions of the unix socket file, e.g. 0600; -1 leaves what the umask gives
     */
    public record Listener(ServerAddress address, int unixMode) {}

    /**
     * When a server that keeps failing is left out, and for how long; twemproxy's three keys.
     *
     * @param enabled {@code auto_eject_hosts}
     * @param failureLimit {@code server_failure_limit}, failures in a row, at least 1
     * @param retryTimeout {@code server_retry_timeout}
     */
    public record Ejection(boolean enabled, int failureLimit, Duration retryTimeout) {}

    /**
     * One pool: where its clients connect, and how to talk to its servers.
     *
     * @param timeout how long a request may take from its dispatch to its reply; null for no limit
     * @param hardTimeout age of the oldest unanswered request at which its connection is closed; null for no limit
     * @param connectTimeout how long connecting to a server may take
     * @param reconnectMin first wait before connecting again; doubles up to {@code reconnectMax}, with jitter
     * @param redisAuth password asked of clients and given to servers; null for none
     */
    public record Pool(
            PoolDefinition definition,
            Listener listen,
            PoolProtocol protocol,
            int backlog,
            @Nullable Duration timeout,
            @Nullable Duration hardTimeout,
            Duration connectTimeout,
            Duration reconnectMin,
            Duration reconnectMax,
            @Nullable String redisAuth,
            int redisDb,
            boolean tcpKeepalive,
            boolean preconnect,
            int serverConnections,
            Ejection ejection) {

        public String name() {
            return definition.name();
        }

        /** Hides the password. */
        @Override
        public String toString() {
            return "Pool[name=" + name() + ", listen=" + listen + ", servers=" + definition.servers() + "]";
        }
    }
}
