package io.sluice.proxy.command;

/** Who answers a command. */
public enum Handling {
    /** The servers that own its keys. */
    FORWARD,
    /** The proxy itself. */
    LOCAL,
    /** Has to do with what its client has begun, or needs more than one request to one server: {@link SessionStep}. */
    SESSION,
    /** Nobody: the row says why. */
    REFUSED
}
