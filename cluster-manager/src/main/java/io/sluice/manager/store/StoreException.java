package io.sluice.manager.store;

import java.io.Serial;

/** What is kept could not be read or changed. */
public final class StoreException extends Exception {

    @Serial
    private static final long serialVersionUID = 1;

    /** Why, as far as whoever asked should act on it. */
    public enum Reason {
        /** Another manager leads: ask that one. Nothing was written. */
        NOT_LEADER,
        /** Somebody else has changed it since it was read: read again. Nothing was written. */
        CHANGED_MEANWHILE,
        /** ZooKeeper does not answer. A write may have been carried out or not: read to find out. */
        UNAVAILABLE,
        /** ZooKeeper did not answer a write, nor who looked whether it was carried out: it may have been. */
        OUTCOME_UNKNOWN,
        /** What is kept cannot be understood; people must look. */
        BAD_DOCUMENT,
        /** What was to be written is too large, or nobody could read it again. Nothing was written. */
        REFUSED
    }

    private final Reason reason;

    public StoreException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public StoreException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
