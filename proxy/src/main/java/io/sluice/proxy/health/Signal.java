package io.sluice.proxy.health;

/** What speaks against a server. */
public enum Signal {
    /** No connection came about, or none that answered. */
    CONNECT_FAILED,
    /** A connection ended with requests in flight, or because the server broke the protocol. */
    CLOSED,
    /** The deadline of requests passed. */
    DEADLINE,
    /** It answered, and said that it is in trouble: LOADING, MASTERDOWN, OOM, BUSY, MISCONF. Its connection is kept. */
    TROUBLE_REPLY
}
