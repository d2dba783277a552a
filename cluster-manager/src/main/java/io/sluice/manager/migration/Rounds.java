package io.sluice.manager.migration;

import io.sluice.manager.store.StoreException;
import io.sluice.manager.store.StoreException.Reason;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A duty of the manager that leads, done round by round on a thread of its own until it leads no more. Neither an answer
 * that does not come nor a bug ends it: nobody else would do it. From any thread.
 */
public final class Rounds {

    /** What is to be done. All by the one thread. */
    public interface Duty {

        /** Returns how long to wait for the next. */
        Duration round() throws StoreException;

        /** Waits until the next, for no longer than this. Whoever hears of news need not wait so long. */
        default void pause(Duration most) throws InterruptedException {
            Thread.sleep(most.toMillis());
        }

        /** A round has ended in a bug: what is remembered may be wrong. */
        default void onBug() {}

        /** The last round is done. */
        default void onEnd() {}
    }

    private static final Logger log = LoggerFactory.getLogger(Rounds.class);

    /** While ZooKeeper does not answer. */
    private static final Duration PAUSE_AFTER_ERROR = Duration.ofMillis(500);

    private static final Duration PAUSE_AFTER_BUG = Duration.ofSeconds(5);

    /** Longer than a round takes, if ZooKeeper answers. */
    private static final Duration END_LIMIT = Duration.ofSeconds(5);

    private final String name;
    private final Duty duty;
    private final Duration afterError;
    private final Duration afterBug;
    private final Thread thread;
    private volatile boolean ending;

    private Rounds(String name, Duty duty, Duration afterError, Duration afterBug) {
        this.name = name;
        this.duty = duty;
        this.afterError = afterError;
        this.afterBug = afterBug;
        this.thread = new Thread(this::run, name);
        thread.setDaemon(true);
    }

    /**
     * Begins the first round at once.
     *
     * @param name for the log, and of the thread
     */
    public static Rounds begin(String name, Duty duty) {
        return begin(name, duty, PAUSE_AFTER_ERROR, PAUSE_AFTER_BUG);
    }

    /** The same with other pauses after rounds that fail. */
    static Rounds begin(String name, Duty duty, Duration afterError, Duration afterBug) {
        Rounds rounds = new Rounds(name, duty, afterError, afterBug);
        rounds.thread.start();
        return rounds;
    }

    /** No other round begins. Returns at once. */
    void leave() {
        ending = true;
        thread.interrupt();
    }

    /** Returns when the last round is done, or after this time. */
    void awaitEnd(Duration limit) throws InterruptedException {
        thread.join(Math.max(1, limit.toMillis()));
    }

    /** Returns when the round under way is done, or after a while: it could write nothing anyway. */
    public void end() {
        leave();
        try {
            awaitEnd(END_LIMIT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            while (!ending) {
                roundAndPause();
            }
        } catch (InterruptedException e) {
            log.debug("Told to end: task={}", name);
        } finally {
            log.info("Ends: task={}", name);
            duty.onEnd();
        }
    }

    /** What has failed is not tried again because of news. */
    private void roundAndPause() throws InterruptedException {
        try {
            duty.pause(duty.round());
        } catch (StoreException e) {
            if (e.reason() == Reason.NOT_LEADER) {
                log.info("Leads no more: task={}: {}", name, e.getMessage());
                ending = true;
                return;
            }
            if (!ending) {
                log.warn("Waits: task={} reason={}: {}", name, e.reason(), e.getMessage());
            }
            Thread.sleep(afterError.toMillis());
        } catch (RuntimeException | Error e) { // also an error: nobody would hear of the end of this thread
            log.error("Goes on after a bug: task={}", name, e);
            forget();
            Thread.sleep(afterBug.toMillis());
        }
    }

    /** A bug may well lead to another one. */
    private void forget() {
        try {
            duty.onBug();
        } catch (RuntimeException | Error e) {
            log.error("Goes on with what it remembers: task={}", name, e);
        }
    }
}
