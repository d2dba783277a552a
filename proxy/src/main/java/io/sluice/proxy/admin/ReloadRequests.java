package io.sluice.proxy.admin;

import io.sluice.proxy.admin.ConfigStatus.Reload;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Has the configuration read again when somebody asks for it over the admin address: one at a time, on a thread of its
 * own, since neither those who serve clients nor those who look may wait for files. Thread-safe.
 */
public final class ReloadRequests {

    private static final String TRIGGER = "admin";

    private final AtomicBoolean underWay = new AtomicBoolean();
    private volatile @Nullable Function<String, Reload> reloader;

    /**
     * From now on this one is asked.
     *
     * @param newReloader reads the configuration and does what it says; gets the trigger, for people
     */
    public void areAnsweredBy(Function<String, Reload> newReloader) {
        reloader = newReloader;
    }

    /** Whether there is a configuration that could be read again. */
    boolean canBeAnswered() {
        return reloader != null;
    }

    /** What becomes of it; empty if one is under way already, or there is nothing to read. */
    Optional<CompletableFuture<Reload>> ask() {
        Function<String, Reload> asked = reloader;
        if (asked == null || !underWay.compareAndSet(false, true)) {
            return Optional.empty();
        }
        CompletableFuture<Reload> outcome = new CompletableFuture<>();
        Thread thread = new Thread(() -> run(asked, outcome), "reload");
        thread.setDaemon(true);
        thread.start();
        return Optional.of(outcome);
    }

    private void run(Function<String, Reload> asked, CompletableFuture<Reload> outcome) {
        try {
            Reload reload = asked.apply(TRIGGER);
            underWay.set(false); // first: who has the answer may ask again
            outcome.complete(reload);
        } catch (RuntimeException | Error e) {
            underWay.set(false);
            outcome.completeExceptionally(e);
        }
    }
}
