package io.sluice.manager.migration.engine;

import io.sluice.manager.migration.engine.CopyFailure.Kind;
import java.time.Duration;

/** How a caller waits for the copying thread to drain. */
final class Drains {

    private Drains() {}

    /** Asks for it, waits, and takes the request back if it took too long. */
    static DrainResult await(CopyRun run, Duration deadline) {
        long start = System.nanoTime();
        CopyState state = run.state();
        if (state != CopyState.FOLLOWING) {
            return new DrainResult(Duration.ZERO, notFollowing(run, state));
        }
        run.wantDrain();
        try {
            state = run.awaitDrained(start + deadline.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            run.forgetDrain();
            return new DrainResult(past(start), new CopyFailure(Kind.STOPPED, "Interrupted while draining"));
        }
        if (state == CopyState.DRAINED) {
            return new DrainResult(past(start), null);
        }
        run.forgetDrain();
        CopyFailure failure = run.failure();
        return new DrainResult(
                past(start),
                failure != null
                        ? failure
                        : new CopyFailure(
                                Kind.DEADLINE, "The last changes were not over within " + deadline.toMillis() + " ms"));
    }

    private static CopyFailure notFollowing(CopyRun run, CopyState state) {
        CopyFailure failure = run.failure();
        return failure != null
                ? failure
                : new CopyFailure(Kind.DEADLINE, "The copy is " + state + ", there is nothing to drain yet");
    }

    private static Duration past(long start) {
        return Duration.ofNanos(System.nanoTime() - start);
    }
}
