package io.sluice.proxy.command;

/** Who answers a command. */
public enum Handling {
    /** The servers that own its keys. */
    FORWARD,
    /** The proxy itself. */
    LOCAL,
    /** Would need a server connection that is the client's own; refused as long as there are none. */
    SESSION,
    /** Nobody: the row says why. */
    REFUSED
}
