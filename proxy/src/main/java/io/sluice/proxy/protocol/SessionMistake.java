package io.sluice.proxy.protocol;

/** What a client can do wrong in a conversation; each protocol has its own words for it. */
public enum SessionMistake {
    /** A transaction in a transaction. */
    NESTED,
    COMMIT_WITHOUT_BEGIN,
    DISCARD_WITHOUT_BEGIN,
    /** Keys are watched before a transaction begins, not in it. */
    WATCH_WITHIN,
    /** A request of the transaction was refused, so none of it is carried out. */
    ABORTED
}
