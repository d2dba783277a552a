package io.sluice.manager.store;

import java.util.Optional;

/**
 * Whether this manager leads. A hint for whoever would begin something: what counts is the term, which every write
 * carries. May be used from any thread; does not block.
 */
public interface Leadership {

    boolean leads();

    /** The URL of the API of the manager who leads, as far as is known. */
    Optional<String> leaderUrl();

    /** Its term; 0 while this manager does not lead. */
    long term();
}
