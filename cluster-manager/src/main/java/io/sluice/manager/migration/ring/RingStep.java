package io.sluice.manager.migration.ring;

import io.sluice.routing.cluster.RingChangeState;
import org.jspecify.annotations.Nullable;

/**
 * What is to be done with a change of a ring.
 *
 * @param next the state that it enters; null if it stays or ends
 * @param told what is done or waited for meanwhile, in a few words
 */
record RingStep(Kind kind, @Nullable RingChangeState next, String told) {

    enum Kind {
        /** Nothing yet. */
        STAY,
        /** It enters the next state. */
        ENTER,
        /** The rings change places, and it enters the next state on its way back. */
        TURN_BACK,
        /** Its servers are the pool's. */
        FINISH
    }

    static RingStep stay(String told) {
        return new RingStep(Kind.STAY, null, told);
    }

    static RingStep enter(RingChangeState next) {
        return new RingStep(Kind.ENTER, next, "enters " + next);
    }

    static RingStep turnBack(RingChangeState next) {
        return new RingStep(Kind.TURN_BACK, next, "goes back");
    }

    static RingStep finish() {
        return new RingStep(Kind.FINISH, null, "done");
    }
}
