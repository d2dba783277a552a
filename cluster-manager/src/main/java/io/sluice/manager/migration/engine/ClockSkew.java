package io.sluice.manager.migration.engine;

import io.sluice.manager.migration.engine.CopyFailure.Kind;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Protocol.Command;

/**
 * How far the target's clock is ahead of the source's. Expiry times are moved by it, and a little later still, so that the
 * target never expires a key before the source does.
 *
 * @param micros target minus source
 * @param errorMicros how wrong that may be: half of the round trips
 */
record ClockSkew(long micros, long errorMicros) {

    /** More than this is refused. */
    static final long MOST_MILLIS = 200;

    /** A copy whose clocks have drifted by more than this begins again. */
    static final long DRIFT_MILLIS = 20;

    /** What the second measurement, which looks for drift, may be wrong by, too. */
    private static final long SECOND_ERROR_MILLIS = 5;

    private static final int SAMPLES = 5;

    static ClockSkew measure(RedisLink source, RedisLink target) throws CopyException {
        Offset sourceOffset = offset(source);
        Offset targetOffset = offset(target);
        return new ClockSkew(
                targetOffset.micros - sourceOffset.micros, targetOffset.errorMicros + sourceOffset.errorMicros);
    }

    /** A server's clock minus ours, by the quickest of some round trips. */
    private record Offset(long micros, long errorMicros) {}

    private static Offset offset(RedisLink link) throws CopyException {
        Offset best = sample(link);
        for (int i = 1; i < SAMPLES; i++) {
            Offset next = sample(link);
            best = next.errorMicros < best.errorMicros ? next : best;
        }
        return best;
    }

    private static Offset sample(RedisLink link) throws CopyException {
        long before = System.nanoTime() / 1000;
        long server = serverMicros(link.call(Command.TIME));
        long after = System.nanoTime() / 1000;
        return new Offset(server - (before + after) / 2, (after - before) / 2);
    }

    /** What a TIME reply says, in microseconds since 1970. */
    static long serverMicros(@Nullable Object reply) {
        List<?> parts = (List<?>) Objects.requireNonNull(reply);
        return number(parts.get(0)) * 1_000_000 + number(parts.get(1));
    }

    private static long number(@Nullable Object bytes) {
        return Long.parseLong(new String((byte[]) Objects.requireNonNull(bytes), StandardCharsets.ISO_8859_1));
    }

    boolean tooLarge() {
        return Math.abs(micros) > MOST_MILLIS * 1000;
    }

    /** Measures again; throws if expiry times that were copied by this skew are wrong by now. */
    void rejectDrift(RedisLink source, RedisLink target) throws CopyException {
        if (measure(source, target).driftedFrom(this)) {
            throw new CopyException(
                    Kind.CONNECTION,
                    "The clocks of " + source.endpoint() + " and " + target.endpoint()
                            + " drift: expiry times have to be copied again");
        }
    }

    boolean driftedFrom(ClockSkew earlier) {
        return Math.abs(micros - earlier.micros) > DRIFT_MILLIS * 1000 + errorMicros + earlier.errorMicros;
    }

    /**
     * Every expiry is later by this on the target, after each move of its key once more: so no longer than drift that is not
     * noticed and errors ask for.
     */
    long marginMillis() {
        return DRIFT_MILLIS + SECOND_ERROR_MILLIS + -Math.floorDiv(-errorMicros, 1000);
    }

    /** What the source calls {@code atMillis}, as the target has to be told; 0 stays 0, no expiry. */
    long onTarget(long atMillis) {
        return atMillis == 0 ? 0 : atMillis + -Math.floorDiv(-micros, 1000) + marginMillis();
    }
}
