package io.sluice.proxy.dispatch;

import io.sluice.routing.cluster.RingChange;
import io.sluice.routing.cluster.TwoRings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Queues of which the server they leave has nothing any more, so that nobody asks it for each element. What is forgotten,
 * or too much to be remembered, is found out once more. Of one pool on one event loop. Event-loop only.
 */
final class DrainedQueues {

    /** How many are remembered; the one longest not asked for is forgotten first. */
    static final int MOST = 10_000;

    /** Longer keys are not remembered. */
    static final int MOST_KEY_BYTES = 1024;

    /**
     * For how long. None gets anything any more, except from a publish that a proxy has given up and the server carries out
     * after all: the queue would not be drained if nobody looked again.
     */
    static final Duration LONGEST = Duration.ofSeconds(30);

    private final LongSupplier nanos;
    private final Map<String, Long> since = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
            return size() > MOST;
        }
    };
    private @Nullable RingChange change;

    DrainedQueues(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** Requests follow this version of the pool. What was found out in another state may not be so in this one. */
    void use(@Nullable TwoRings rings) {
        RingChange next = rings == null ? null : rings.change();
        boolean same = change != null
                && next != null
                && change.id().equals(next.id())
                && change.back() == next.back()
                && change.state() == next.state();
        if (!same) {
            since.clear();
        }
        change = next;
    }

    void add(byte[] key) {
        if (key.length <= MOST_KEY_BYTES) {
            since.put(text(key), nanos.getAsLong());
        }
    }

    boolean has(byte[] key) {
        Long then = key.length <= MOST_KEY_BYTES ? since.get(text(key)) : null;
        return then != null && nanos.getAsLong() - then < LONGEST.toNanos();
    }

    int size() {
        return since.size();
    }

    private static String text(byte[] key) {
        return new String(key, StandardCharsets.ISO_8859_1);
    }
}
