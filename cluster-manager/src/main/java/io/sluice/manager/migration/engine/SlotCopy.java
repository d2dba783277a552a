package io.sluice.manager.migration.engine;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One attempt to bring keys from a source to a target while clients go on writing at the source.
 *
 * <pre>
 *   start ─▶ … caughtUp ─▶ (proxies freeze) drain ─▶ close the gate ─▶ (switch)
 *                 ▲              └─ late ─▶ follow ─┘
 * </pre>
 *
 * An attempt that has failed stays failed: close it and begin another, which purges first. All methods may be called by any
 * thread; only {@link #drain} and {@link #close} block. Nothing here decides who owns the keys.
 */
public interface SlotCopy extends AutoCloseable {

    /** Begins, with threads of its own: purges the target, copies, follows. Failures show in {@link #progress}. */
    void start();

    CopyProgress progress();

    /** Whether so little is missing that a drain takes a moment. */
    boolean caughtUp();

    /**
     * Brings over everything the source has executed before this call. To be called when clients cannot write to the moving
     * keys any more; the target holds the same as the source then. Blocks up to {@code deadline}.
     */
    DrainResult drain(Duration deadline);

    /** Goes on after a drain whose freeze was given up. */
    void follow();

    /** The connections that may write on the target: those to be killed before the switch. */
    List<MaintenanceConnection> writers();

    /** Some of the keys that were copied, by database. */
    Map<Integer, List<byte[]>> sample();

    /** By what it moves expiry times, if it does, and has begun to. */
    Optional<ClockSkew> skew();

    /** Stops writing to the target until {@link #resume}; what is written at the source is still listened to. */
    void pause();

    void resume();

    void limits(CopyLimits limits);

    /** Ends it and closes its connections; does not undo anything: purge the target afterwards. Harmless when over. */
    @Override
    void close();
}
