package io.sluice.proxy.command;

/** What a command does to the data. What is not known is a write. */
public enum Access {
    /** Changes nothing; a replica could answer it. */
    READ,
    /** Changes data, or may. */
    WRITE,
    /** Concerns a server or a connection, not data. */
    ADMIN
}
