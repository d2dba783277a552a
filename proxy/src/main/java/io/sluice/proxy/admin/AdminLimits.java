package io.sluice.proxy.admin;

import java.time.Duration;

/**
 * What those who look inside may use of the proxy.
 *
 * @param maxConnections at once; further ones are closed
 * @param requestTimeout from connecting until all of a request's header is there
 * @param replyTimeout until the reply has been taken
 * @param maxPendingBytes of replies that have not been taken, all connections together; further requests get 503
 */
public record AdminLimits(int maxConnections, Duration requestTimeout, Duration replyTimeout, int maxPendingBytes) {

    public static final AdminLimits DEFAULTS =
            new AdminLimits(256, Duration.ofSeconds(10), Duration.ofSeconds(30), 64 << 20);

    static final int MAX_REQUEST_LINE_BYTES = 4 << 10;
    static final int MAX_HEADER_BYTES = 16 << 10;
    static final int MAX_BODY_PIECE_BYTES = 8 << 10;
}
