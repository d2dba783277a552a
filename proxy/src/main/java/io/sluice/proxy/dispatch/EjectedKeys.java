package io.sluice.proxy.dispatch;

/** What becomes of the keys of a server that is left out. */
public enum EjectedKeys {
    /** The other servers get them, as if there were no more: right for a cache, wrong for a store. */
    REMAP,
    /** They stay the server's; nobody serves them, or a {@link SparePool} does. */
    KEEP
}
