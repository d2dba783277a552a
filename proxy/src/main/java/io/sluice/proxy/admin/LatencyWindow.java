package io.sluice.proxy.admin;

import io.sluice.proxy.metrics.Latencies;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * The latencies of the last one to two minutes, taken from totals that only rise. Used by one thread.
 *
 * <pre>
 *   total at    ... older ─── a minute ─── newer ─── up to a minute ─── now
 *                     └──────────────── recent ───────────────────────┘
 * </pre>
 */
final class LatencyWindow {

    /** How often {@link #turn} is to be called. */
    static final Duration PERIOD = Duration.ofMinutes(1);

    private static final Latencies NOTHING = new Latencies(); // shared: most servers of a large pool may be idle

    private final List<Series> all = new ArrayList<>();
    private Runnable beforeTurn = () -> {};

    /** Latencies whose total {@code source} tells. */
    Series follow(Supplier<Latencies> source) {
        Series series = new Series(source);
        all.add(series);
        return series;
    }

    /** Does not follow them any longer. */
    void forget(Series series) {
        all.remove(series);
    }

    /** Run before each turn, to say what is to be followed. */
    void beforeTurn(Runnable task) {
        beforeTurn = task;
    }

    /** A minute has passed. */
    void turn() {
        beforeTurn.run();
        all.forEach(Series::turn);
    }

    /** One of them. */
    static final class Series {
        private final Supplier<Latencies> source;
        private Latencies older = NOTHING;
        private Latencies newer = NOTHING;

        private Series(Supplier<Latencies> source) {
            this.source = source;
        }

        private void turn() {
            older = newer;
            Latencies now = source.get();
            newer = now.count() == 0 ? NOTHING : now;
        }

        Latencies total() {
            return source.get();
        }

        Latencies recent() {
            return source.get().since(older);
        }
    }
}
