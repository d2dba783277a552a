package io.sluice.proxy.admin;

/** Where a proxy is between its start and its end. */
public enum ServingPhase {
    /** Not all listeners are open. */
    STARTING,
    READY,
    /** No new clients; what is in flight is answered. */
    DRAINING
}
