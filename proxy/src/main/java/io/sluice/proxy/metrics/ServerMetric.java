package io.sluice.proxy.metrics;

/** What is counted of one server. All of them only rise; gauges are differences. */
public enum ServerMetric {
    /** Requests, or parts of such, put into the out buffer of a connection. */
    REQUESTS,
    /** Those of them that a socket took, or that were failed before. */
    REQUESTS_SETTLED,
    /** Replies, also those that came too late for their client. */
    REPLIES,
    /** Those of them that were errors of the server. */
    ERROR_REPLIES,
    /** Requests whose reply will never come. */
    LOST,
    REQUEST_BYTES,
    /** Those of them that a socket took, or that were dropped. */
    REQUEST_BYTES_SETTLED,
    /** Bytes of requests that await no reply any more. */
    REQUEST_BYTES_ANSWERED,
    REPLY_BYTES,
    CONNECTIONS_OPENED,
    CONNECTIONS_CLOSED,
    /** Attempts that did not lead to a usable connection. */
    CONNECT_FAILURES,
    /** Times at which a connection turned out not to be had, or never to answer. */
    UNREACHABLE_BEGUN,
    /** Times at which it could be had again. */
    UNREACHABLE_ENDED,
    /** Usable connections that the server closed or reset. */
    CLOSED_BY_SERVER,
    /** Usable connections that the proxy gave up. */
    GIVEN_UP,
    /** Usable connections closed since they had no request for server_idle_timeout. */
    IDLE_CLOSED,
    /** Times at which deadlines were found to have passed; several requests found at once are one. */
    TIMEOUTS,
    /** Requests that were sent once more, since their connection had failed. */
    RETRIES,
    /** Connects that waited for their turn, since the process made so many. */
    CONNECTS_DELAYED,
    /** Times at which the server turned out to be a replica. */
    DEMOTIONS,
    /** Connections that gave way to others, since the server's name leads elsewhere now. */
    CONNECTIONS_MOVED
}
