package io.sluice.proxy.dispatch.window;

/** What a ring on its way lets requests do whose key's owner differs. */
public enum Step {
    /** The home is the old owner, and the only one that is read. What is written there is taken away again, on both. */
    INVALIDATE,
    /** The home is the new owner; what it has not, the old one may have. */
    WINDOW,
    /** The home is the new owner; the old one is not read, only emptied. */
    CLOSING
}
