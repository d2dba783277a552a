package io.sluice.proxy.protocol;

/**
 * What a server of a cache says that it has of a key.
 *
 * @param start index of the value's first byte in the reply; as the numbers that follow, only of a {@link State#VALUE}
 * @param length of the value, in bytes
 * @param flags the client's, which come back with the value
 * @param secondsLeft until it expires; {@link #FOR_EVER} if it does not
 * @param version changes whenever anything happens to the key; an unsigned number. Also of claims
 */
public record CachedValue(State state, int start, int length, long flags, long secondsLeft, long version) {

    public static final long FOR_EVER = -1;

    /** What is there. */
    public enum State {
        VALUE,
        /** Nothing. */
        NOTHING,
        /** Nothing, and whoever asked has claimed the place: until somebody else writes or deletes it, it may be filled. */
        CLAIMED,
        /** Nothing; another has claimed the place. */
        CLAIMED_BY_OTHER,
        /** The server does not know such questions. */
        NOT_UNDERSTOOD,
        /** An error, or no reply to that question. */
        FAILED
    }

    /** The same, stored anew. */
    public CachedValue withVersion(long next) {
        return new CachedValue(state, start, length, flags, secondsLeft, next);
    }

    /** One that is not there. */
    public static CachedValue without(State state, long version) {
        return new CachedValue(state, 0, 0, 0, FOR_EVER, version);
    }
}
