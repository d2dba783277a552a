package io.sluice.proxy.faults;

/** What becomes of a request that meets a fault. */
public enum FaultKind {
    /** The server carries it out; its reply is held back for a while. */
    DELAY,
    /** It is not sent, and answered with an error. */
    ERROR,
    /** It is not sent, and nothing is answered until its deadline has passed: as if the server had lost it. */
    DROP
}
