package io.sluice.testing.workload;

import java.util.List;
import java.util.Random;

/** One kind of request with what must hold for it, shared by some clients. Thread-safe. */
interface Part {

    /** What one client does over and over. */
    interface Actor {
        void step(Link link, Random random);
    }

    /** One for each client. */
    List<Actor> actors();

    /** What must hold once all clients have stopped. */
    default void check(Link link) {}
}
