package io.sluice.manager.migration.engine;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * When a copy will be through, judged by how far it came over the last while: limits may have been changed, and a source
 * may have taken its time before it sent the first key. Time during which it was paused does not count. Not thread-safe.
 */
final class Forecast {

    /** Looks back so far. */
    private static final Duration WINDOW = Duration.ofSeconds(20);

    /** Nothing is said before so much time is known. */
    private static final Duration LEAST = Duration.ofMillis(500);

    /** Between two points that are kept. */
    private static final Duration STEP = Duration.ofMillis(250);

    private record Point(long active, double done) {}

    private final Deque<Point> points = new ArrayDeque<>(); // the oldest first
    private long lastNanos;
    private long active;
    private boolean begun;

    /** It is {@code done} now, 0 to 1. Before the first key has come there is nothing to judge by. */
    void look(long nanos, double done, boolean paused) {
        if (begun && !paused) {
            active += nanos - lastNanos;
        }
        lastNanos = nanos;
        if (done <= 0) {
            return;
        }
        begun = true;
        Point last = points.peekLast();
        if (last == null || active - last.active >= STEP.toNanos()) {
            points.addLast(new Point(active, done));
        }
        while (points.size() > 2 && active - points.getFirst().active > WINDOW.toNanos()) {
            points.removeFirst();
        }
    }

    /** From the last look on, if it goes on as it went; empty while nobody can know. */
    Optional<Duration> remaining() {
        Point first = points.peekFirst();
        Point last = points.peekLast();
        if (first == null || last == null || last.active - first.active < LEAST.toNanos()) {
            return Optional.empty();
        }
        double gained = last.done - first.done;
        if (last.done >= 1) {
            return Optional.of(Duration.ZERO);
        }
        return gained <= 0
                ? Optional.empty()
                : Optional.of(Duration.ofNanos((long) ((last.active - first.active) / gained * (1 - last.done))));
    }
}
