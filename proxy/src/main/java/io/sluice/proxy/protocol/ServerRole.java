package io.sluice.proxy.protocol;

/** What a server says it is to the others. */
public enum ServerRole {
    PRIMARY,
    /** Its data follow another server's, which alone takes writes. */
    REPLICA,
    /** It does not say. */
    UNKNOWN
}
