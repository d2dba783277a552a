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
    /** Makes another value, or another time to live, of the value that is there. */
    CHANGE,
    /** The same, and a server by itself refuses to do so where a claim is. */
    CHECKED_CHANGE,
    /** Returns the value, and what only the server it came from understands. */
    READ_VERSION
}
