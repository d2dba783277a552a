package io.sluice.manager.migration.ring;

import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Something that takes its time at servers, apart from the thread that brings changes forward; at most one at a time.
 *
 * @param <T> what comes of it
 */
final class Errand<T> {

    private static final Logger log = LoggerFactory.getLogger(Errand.class);

    /** What can be sent out for. */
    interface Task<T> {
        T run() throws RingServerException;
    }

    /**
     * What came of it.
     *
     * @param value empty if it failed
     * @param failure why; empty if it did not
     */
    record Outcome<T>(Optional<T> value, String failure) {}

    private final Executor executor;
    private final AtomicReference<Optional<Outcome<T>>> outcome = new AtomicReference<>(Optional.empty());
    private boolean out;

    Errand(Executor executor) {
        this.executor = executor;
    }

    /** Whether it was sent out, and nobody has taken what came of it. */
    boolean isOut() {
        return out;
    }

    void send(Task<T> task) {
        if (out) {
            throw new IllegalStateException("It is out already");
        }
        out = true;
        executor.execute(() -> outcome.set(Optional.of(run(task))));
    }

    private static <T> Outcome<T> run(Task<T> task) {
        try {
            return new Outcome<>(Optional.of(task.run()), "");
        } catch (RingServerException | RuntimeException e) {
            return new Outcome<>(Optional.empty(), String.valueOf(e.getMessage()));
        } catch (Error e) { // who waits for what comes of it would wait for ever
            log.error("An errand has failed", e);
            return new Outcome<>(Optional.empty(), e.toString());
        }
    }

    /** What came of it, once. */
    Optional<Outcome<T>> take() {
        Optional<Outcome<T>> taken = outcome.getAndSet(Optional.empty());
        if (taken.isPresent()) {
            out = false;
        }
        return taken;
    }
}
