package io.sluice.manager.migration;

import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes the keys that have moved off the source, a while after the switch, and again as long as some are left. One thread. */
final class SourceCleanup {

    private static final Logger log = LoggerFactory.getLogger(SourceCleanup.class);

    private final String handoff;
    private final Mover mover;
    private final HandoffRules rules;
    private final LongSupplier nanos;
    private long notBefore;
    private boolean done;
    private Optional<String> problem = Optional.empty();

    /** To be made when the handoff is switched, or found so by one who takes over. */
    SourceCleanup(String handoff, Mover mover, HandoffRules rules, LongSupplier nanos) {
        this.handoff = handoff;
        this.mover = mover;
        this.rules = rules;
        this.nanos = nanos;
        this.notBefore = nanos.getAsLong() + rules.cleanupDelay().toNanos();
    }

    /** Why the source is not clean yet; empty once it is. */
    Optional<String> step(boolean isPaused, BooleanSupplier isOtherFrozen) {
        if (done) {
            return Optional.empty();
        }
        if (isPaused) {
            return Optional.of("switched; paused: the source is cleaned when you resume");
        }
        if (nanos.getAsLong() - notBefore < 0) {
            return Optional.of("switched; the source is cleaned later");
        }
        if (isOtherFrozen.getAsBoolean()) {
            return Optional.of("switched; the source is cleaned soon");
        }
        mover.close();
        problem = mover.cleanSource();
        done = problem.isEmpty();
        return problem.map(this::again);
    }

    private String again(String why) {
        notBefore = nanos.getAsLong() + rules.repeatPause().toNanos();
        log.warn("The source keeps keys: handoff={}: {}", handoff, why);
        return "switched; the source is cleaned again soon";
    }

    /** Of the last try. */
    Optional<String> problem() {
        return problem;
    }

    boolean isDone() {
        return done;
    }
}
