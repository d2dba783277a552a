package io.sluice.proxy.config;

import io.sluice.routing.config.PoolDefinition;
import io.sluice.routing.config.ScalarType;
import io.sluice.routing.config.YamlSection;
import io.sluice.routing.topology.PoolProtocol;
import io.sluice.routing.topology.ServerAddress;
import java.nio.file.Path;
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
 * @param monitoring where people and collectors look inside
 * @param lifecycle how a running proxy gets another configuration
 * @param zookeeper the cluster of which it is a member; null for none
 * @param warnings what is allowed and yet likely wrong, each with file, line and column
 */
public record ProxyConfig(
        int workers,
        TransportPreference transport,
        Duration shutdownTimeout,
        Limits limits,
        List<Pool> pools,
        Monitoring monitoring,
        Lifecycle lifecycle,
        @Nullable Membership zookeeper,
        List<String> warnings) {

    public ProxyConfig {
        pools = List.copyOf(pools);
        warnings = List.copyOf(warnings);
    }

    /** One that nobody looks into. */
    public ProxyConfig(
            int workers,
            TransportPreference transport,
            Duration shutdownTimeout,
            Limits limits,
            List<Pool> pools,
            List<String> warnings) {
        this(workers, transport, shutdownTimeout, limits, pools, Monitoring.NONE, Lifecycle.DEFAULTS, null, warnings);
    }

    public ProxyConfig withMonitoring(Monitoring other) {
        return new ProxyConfig(
                workers, transport, shutdownTimeout, limits, pools, other, lifecycle, zookeeper, warnings);
    }

    public ProxyConfig withPools(List<Pool> others) {
        return new ProxyConfig(
                workers, transport, shutdownTimeout, limits, others, monitoring, lifecycle, zookeeper, warnings);
    }

    /** The same as a member of a cluster. */
    public ProxyConfig withZookeeper(@Nullable Membership membership) {
        return new ProxyConfig(
                workers, transport, shutdownTimeout, limits, pools, monitoring, lifecycle, membership, warnings);
    }

    /**
     * Reads twemproxy's kind of file, or Sluice's own; throws a {@code ConfigException} that tells all its mistakes.
     * Blocks while it reads the file.
     */
    public static ProxyConfig read(Path file) {
        return ProxyConfigFile.read(file);
    }

    /** Which kernel interface to use; {@code AUTO} probes io_uring, then epoll, then NIO. */
    public enum TransportPreference {
        AUTO,
        IO_URING,
        EPOLL,
        NIO
    }

    /**
     * The named bounds of what a peer may make the proxy hold.
     *
     * @param maxRequestBytes largest request, with all its arguments
     * @param maxArguments most arguments of one request
     * @param maxInlineBytes longest inline command, and longest header line of a request
     * @param clientMaxInFlight requests of one client awaiting replies before the proxy stops reading from it
     * @param clientBufferBytes reply bytes held and expected for one client before the proxy stops reading from it
     * @param clientHeldBytes reply bytes held for one client because an earlier reply, or a part, is still owed
     * @param serverMaxInFlight requests on one server connection before clients with further ones wait
     * @param serverQueueBytes request bytes one server connection has not taken before clients with further ones wait
     * @param maxClients client connections of the whole process
     * @param clientBufferMaxBytes reply bytes held for one client before it is closed
     * @param serverStallTimeout how long clients wait for a server that takes nothing before their requests fail
     * @param processBufferBytes bytes held for all clients and servers; 0 for a share of the direct memory
     * @param serverConnectsPerSecond connects to servers in any one second, of the whole process
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
            int maxClients,
            int clientBufferMaxBytes,
            Duration serverStallTimeout,
            long processBufferBytes,
            int serverConnectsPerSecond) {

        public static final Limits DEFAULTS =
                new Limits(64 << 20, 1 << 20, 64 << 10, 1024, 8 << 20, 64 << 20, 65_536, 2 << 20, 50_000);

        /** With the defaults for what is left out. */
        public Limits(
                int maxRequestBytes,
                int maxArguments,
                int maxInlineBytes,
                int clientMaxInFlight,
                int clientBufferBytes,
                int clientHeldBytes,
                int serverMaxInFlight,
                int serverQueueBytes,
                int maxClients) {
            this(
                    maxRequestBytes,
                    maxArguments,
                    maxInlineBytes,
                    clientMaxInFlight,
                    clientBufferBytes,
                    clientHeldBytes,
                    serverMaxInFlight,
                    serverQueueBytes,
                    maxClients,
                    128 << 20,
                    Duration.ofMillis(500),
                    AUTO_BYTES,
                    500);
        }

        /** Larger requests, queues and buffers cannot be allowed. */
        static final int MAX_BYTES = 1 << 30;

        private static final int MAX_COUNT = 1 << 24;

        /** Stands for a share of the direct memory. */
        public static final long AUTO_BYTES = 0;

        private static final int MIN_CONNECTS_PER_SECOND = 10;

        private static final long MIN_PROCESS_BYTES = 1 << 20;

        private static final long MAX_PROCESS_BYTES = 1L << 40;

        static Limits read(YamlSection limits) {
            ScalarType<Integer> count = ScalarType.integer(1, MAX_COUNT);
            ScalarType<Integer> bytes = ScalarType.bytes(1 << 10, MAX_BYTES);
            Limits read = new Limits(
                    limits.value("max_request_bytes", DEFAULTS.maxRequestBytes, bytes),
                    limits.value("max_arguments", DEFAULTS.maxArguments, count),
                    limits.value("max_inline_bytes", DEFAULTS.maxInlineBytes, bytes),
                    limits.value("client_max_in_flight", DEFAULTS.clientMaxInFlight, count),
                    limits.value("client_buffer_bytes", DEFAULTS.clientBufferBytes, bytes),
                    limits.value("client_held_bytes", DEFAULTS.clientHeldBytes, bytes),
                    limits.value("server_max_in_flight", DEFAULTS.serverMaxInFlight, count),
                    limits.value("server_queue_bytes", DEFAULTS.serverQueueBytes, bytes),
                    limits.value("max_clients", DEFAULTS.maxClients, count),
                    limits.value("client_buffer_max_bytes", DEFAULTS.clientBufferMaxBytes, bytes),
                    limits.value(
                            "server_stall_timeout",
                            DEFAULTS.serverStallTimeout,
                            ScalarType.duration(Duration.ofMillis(1), Duration.ofHours(1))),
                    limits.value(
                            "process_buffer_bytes",
                            DEFAULTS.processBufferBytes,
                            ScalarType.bytesOrAuto(MIN_PROCESS_BYTES, MAX_PROCESS_BYTES, AUTO_BYTES)),
                    limits.value(
                            "server_connects_per_second",
                            DEFAULTS.serverConnectsPerSecond,
                            ScalarType.integer(MIN_CONNECTS_PER_SECOND, 1_000_000)));
            limits.rejectUnknownKeys();
            if (read.clientBufferMaxBytes < read.clientBufferBytes) {
                limits.warning(
                        "client_buffer_max_bytes",
                        "smaller than client_buffer_bytes: clients are closed before they are told to wait");
            }
            return read;
        }
    }

    /**
     * Where clients connect.
     *
     * @param address TCP address or unix socket path
     * @param unixMode permissions of the unix socket file, e.g. 0600; -1 leaves what the umask gives
     */
    public record Listener(ServerAddress address, int unixMode) {}

    /**
     * What is sent once more when its connection to a server fails.
     *
     * @param percent retries by a hundred requests of the pool; 0 for none
     * @param reads whether reads that were sent are; else only requests that certainly were not
     */
    public record Retries(int percent, boolean reads) {

        /** As twemproxy: nothing is. */
        public static final Retries NONE = new Retries(0, false);
    }

    /**
     * One pool: where its clients connect, and how to talk to its servers.
     *
     * @param timeout how long a request may take from its dispatch to its reply; null for no limit
     * @param hardTimeout age of the oldest unanswered request at which its connection is closed; null for no limit
     * @param connectTimeout how long connecting to a server may take
     * @param reconnectMin first wait before connecting again; doubles up to {@code reconnectMax}, with jitter
     * @param redisAuth password asked of clients and given to servers; null for none
     * @param access what follows from it, or the users and the login that are said instead
     * @param edge TLS, limits on clients, PROXY headers
     * @param topology where its servers are written; those of the definition count only if that is the file
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
            Ejection ejection,
            Retries retries,
            PoolAccess access,
            Edge edge,
            PoolSource topology) {

        /** The same over other servers. */
        public Pool withDefinition(PoolDefinition other) {
            return new Pool(
                    other,
                    listen,
                    protocol,
                    backlog,
                    timeout,
                    hardTimeout,
                    connectTimeout,
                    reconnectMin,
                    reconnectMax,
                    redisAuth,
                    redisDb,
                    tcpKeepalive,
                    preconnect,
                    serverConnections,
                    ejection,
                    retries,
                    access,
                    edge,
                    topology);
        }

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
