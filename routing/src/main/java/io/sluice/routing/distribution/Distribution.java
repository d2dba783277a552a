package io.sluice.routing.distribution;

/** From the hash of a key to the index of the server that owns it. Immutable, for all threads. */
@FunctionalInterface
public interface Distribution {

    /** What {@link #serverIndex} says when nobody owns the key. */
    int NOBODY = -1;

    /** What {@link #position} says when a distribution has no places. */
    long NO_POSITION = -1;

    /** The index among the pool's servers, or {@link #NOBODY}. */
    int serverIndex(int hash);

    /** For people: the point of the ring, the place in the list or the slot that decides. */
    default long position(int hash) {
        return NO_POSITION;
    }

    /** For people: how many points, places or slots there are. */
    default long positions() {
        return 0;
    }
}
