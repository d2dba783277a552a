package io.sluice.proxy.protocol;

/** What a request does with what a cache has of its key. */
public enum CacheUse {
    /** Returns the value, and nothing that only the server it came from understands. */
    READ,
    /** Puts a value in the place of whatever is there. */
    REPLACE,
    /** Puts a value there if there is none. */
    ADD,
    /** Leaves nothing there. */
    REMOVE,
    /** Does something with the value that is there, or returns what only its own server understands. */
    CHANGE
}
