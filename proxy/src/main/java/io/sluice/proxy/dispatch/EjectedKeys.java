package io.sluice.proxy.dispatch;

/** What becomes of the keys of a server that is left out. */
public enum EjectedKeys {
    /** The other servers get them, as if there were no more: right for a cache, wrong for a store. */
    REMAP,
    /** Requests for them fail at once. */
    FAIL_FAST,
    /** The servers of another pool get them; what is written there expires soon. */
    SPARE
}
