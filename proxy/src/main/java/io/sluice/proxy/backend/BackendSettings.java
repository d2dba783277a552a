package io.sluice.proxy.backend;

import io.sluice.proxy.tls.ServerContext;
import io.sluice.proxy.transport.Loop;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How to treat the servers of a pool.
 *
 * @param timeout from a request's dispatch to its reply; null for no limit
 * @param hardTimeout age of the oldest unanswered request at which its connection is given up; null for no limit
 * @param connectTimeout for one attempt to connect, including the handshake
 * @param reconnectMin first wait after a failed attempt; doubles with each further one
 * @param reconnectMax longest wait after a failed attempt
 * @param tcpKeepalive whether connections send keepalive probes
 * @param preconnect whether to connect before the first request, and again without one
 * @param connections per server and event loop, at least 1
 * @param maxInFlight requests awaiting replies on one connection; then clients with further ones wait
 * @param maxQueuedBytes request bytes one connection has not taken; then clients with further ones wait
 * @param stallTimeout how long they wait while the server takes and answers nothing
 * @param drainTimeout how long a server that the pool does not have any more may take to answer what it has
 * @param retries what may be sent once more
 * @param tls the certificates of the moment; null for clear text
 * @param idleTimeout how long a connection may be without requests; null for ever
 * @param resolveInterval how often names of servers are looked up again; null for never
 */
public record BackendSettings(
        @Nullable Duration timeout,
        @Nullable Duration hardTimeout,
        Duration connectTimeout,
        Duration reconnectMin,
        Duration reconnectMax,
        boolean tcpKeepalive,
        boolean preconnect,
        int connections,
        int maxInFlight,
        long maxQueuedBytes,
        Duration stallTimeout,
        Duration drainTimeout,
        RetryRule retries,
        @Nullable Supplier<ServerContext> tls,
        @Nullable Duration idleTimeout,
        @Nullable Duration resolveInterval) {

    /** Whether connections made with the other settings can be gone on with. */
    @SuppressWarnings("ReferenceEquality") // certificates that stay are the same object
    public boolean keepsConnectionsOf(BackendSettings other) {
        return connections == other.connections
                && tcpKeepalive == other.tcpKeepalive
                && retries.reads() == other.retries.reads()
                && tls == other.tls;
    }

    /** How each connection to a server of the pool is made, also one that only asks how it is. */
    Loop.ConnectOptions connectOptions() {
        return new Loop.ConnectOptions(connectTimeout, tcpKeepalive, tls);
    }
}
