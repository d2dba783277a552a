package io.sluice.manager.migration.engine;

/**
 * Why a copy stopped, in words a person can act on.
 *
 * @param kind what to do about it
 * @param message what happened and where; names no key and no value
 */
public record CopyFailure(Kind kind, String message) {

    public enum Kind {
        /** A server or the network went away. Purge and copy again. */
        CONNECTION(true),
        /** The source was changed in a way that cannot be followed, such as FLUSHALL. Purge and copy again. */
        SOURCE_CHANGED(true),
        /** More was written than could be kept. Purge and copy again, later or slower. */
        OVERRUN(true),
        /** Not done in the time given; the copy goes on and may be drained again. */
        DEADLINE(true),
        /** The target has no room. Somebody has to make some. */
        TARGET_FULL(false),
        /** A server said no: permissions, versions, modules. */
        REFUSED(false),
        /** Another engine is needed. */
        UNSUITABLE(false),
        /** Something else writes or evicts on the target, or it is not what it should be. */
        TARGET_CHANGED(false),
        /** This manager may not go on: its connection was not registered. */
        NOT_LEADING(false),
        /** Somebody asked for it. */
        STOPPED(false);

        private final boolean mayRepeat;

        Kind(boolean mayRepeat) {
            this.mayRepeat = mayRepeat;
        }

        /** Whether the same copy may go well when it is begun again with a purge. */
        public boolean mayRepeat() {
            return mayRepeat;
        }
    }

    @Override
    public String toString() {
        return message;
    }
}
