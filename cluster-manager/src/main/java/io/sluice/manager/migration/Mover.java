package io.sluice.manager.migration;

import io.sluice.manager.migration.engine.CopyProgress;
import io.sluice.manager.migration.engine.KeyFilter;
import io.sluice.manager.store.Orders;
import java.time.Duration;
import java.util.Optional;

/**
 * What brings the keys of one handoff from its source to its target. Decides nothing about who owns them. Called by one
 * thread; only {@link #announce}, {@link #begin}, {@link #prepareSwitch}, {@link #drain}, {@link #closeGate}, {@link #purgeTarget} and {@link #cleanSource} block.
 */
public interface Mover extends AutoCloseable {

    /** What people want, as of now. Limits and pauses count at once, engines when a copy begins. Harmless if repeated. */
    default void order(Orders orders) {}

    /**
     * Writes down, where whoever gives slots away looks, that the target will be cleared and copied to. To be called before
     * {@link #begin}; what is aborted after this is known to need a {@link #purgeTarget}.
     *
     * @return why that could not be done, so that nothing may begin; empty if it is
     */
    default Optional<String> announce() {
        return Optional.empty();
    }

    /** Begins, or begins anew: ends all connections of earlier attempts, purges the target, copies, follows. */
    void begin();

    /** Whether so little is missing that a drain takes a moment. */
    boolean isCaughtUp();

    /** Why it has stopped, if it has. */
    Optional<Failure> failure();

    /**
     * A freeze is about to begin: does what need not be done while clients wait.
     *
     * @return why it must not begin; empty if it may
     */
    default Optional<String> prepareSwitch() {
        return Optional.empty();
    }

    /**
     * Brings over everything that the source has executed before this call, when no client can write any more.
     *
     * @return why that could not be done in time; empty if the target holds all of it now
     */
    Optional<String> drain(Duration limit);

    /** Ends its connections to the target, so that nothing it sent can be executed any more, however late. */
    Optional<String> closeGate();

    /** The freeze was given up: goes on with what is written since. */
    void follow();

    /**
     * Ends its connections to the target and takes moving keys off it. Empty if that is done.
     *
     * @param which of the moving keys: others may be the target's own by now
     */
    Optional<String> purgeTarget(KeyFilter which);

    /** Takes the moved keys off the source, which does not own them any more. Empty if that is done. */
    Optional<String> cleanSource();

    /** How it stands, for people. */
    String progress();

    /** Why this engine copies; empty before one was chosen. */
    default String reason() {
        return "";
    }

    /** The same in numbers, as they were last; empty before a copy began, and where there are none. */
    default Optional<CopyProgress> numbers() {
        return Optional.empty();
    }

    /** Ends its threads and connections; undoes nothing. */
    @Override
    void close();

    /**
     * Why a copy stopped.
     *
     * @param mayRepeat whether it may go well when it is begun again
     * @param message what happened and where
     */
    record Failure(boolean mayRepeat, String message) {}
}
