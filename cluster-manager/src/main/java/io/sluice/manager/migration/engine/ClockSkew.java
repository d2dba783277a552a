package io.sluice.manager.migration.engine;

import io.sluice.manager.migration.engine.CopyFailure.Kind;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Protocol.Command;

/**
 * How far the target's clock is ahead of the source's. Expiry times are moved by it, and a little later still, so that the
 * target never expires a key before the source does.
 *
 * @param micros target minus source
 * @param errorMicros how wrong that may be: half of the round trips
 */
public record ClockSkew(long micros, long errorMicros) {

    /** More than this is refused. */
    static final long MOST_MILLIS = 200;

    /** A measurement that may be wrong by more is repeated, for a while; then the best is taken, and the margin is wider. */
    static final long MOST_ERROR_MICROS = 5_000;

    /** Round trips to each server, for one measurement. */
    static final int MOST_SAMPLES = 50;

    private static final int LEAST_SAMPLES = 5;

    /** No other round trip begins after this time, but for the least. */
    private static final Duration MOST_TIME = Duration.ofSeconds(1);

    /** What is lost where times become whole microseconds. */
    private static final long ROUNDED_MICROS = 2;

    /** Clocks may drift by this from the one measurement to the other before expiry times are copied again. */
    private static final long DRIFT_MILLIS = 20;

    static ClockSkew measure(RedisLink source, RedisLink target) throws CopyException {
        return measure(source, target, measured -> measured.errorMicros <= MOST_ERROR_MICROS);
    }

    private static ClockSkew measure(RedisLink source, RedisLink target, Predicate<ClockSkew> isGood)
            throws CopyException {
        return measure(() -> sample(source), () -> sample(target), isGood, System::nanoTime);
    }

    /** By the quickest of some round trips to each, and of more until that is good. */
    static ClockSkew measure(Clock source, Clock target, Predicate<ClockSkew> isGood, LongSupplier nanos)
            throws CopyException {
        long begin = nanos.getAsLong();
        Offset here = source.ask();
        Offset there = target.ask();
        for (int i = 1; i < MOST_SAMPLES; i++) {
            boolean isLate = nanos.getAsLong() - begin >= MOST_TIME.toNanos();
            if (i >= LEAST_SAMPLES && (isLate || isGood.test(between(here, there)))) {
                break;
            }
            here = here.orBetter(source.ask());
            there = there.orBetter(target.ask());
        }
        return between(here, there);
    }

    private static ClockSkew between(Offset source, Offset target) {
        return new ClockSkew(target.micros - source.micros, target.errorMicros + source.errorMicros);
    }

    /** A server that can be asked for its time. */
    interface Clock {
        Offset ask() throws CopyException;
    }

    /** A server's clock minus ours. */
    record Offset(long micros, long errorMicros) {

        Offset orBetter(Offset other) {
            return other.errorMicros < errorMicros ? other : this;
        }
    }

    private static Offset sample(RedisLink link) throws CopyException {
        long before = System.nanoTime() / 1000;
        long server = serverMicros(link.call(Command.TIME));
        long after = System.nanoTime() / 1000;
        return new Offset(server - (before + after) / 2, (after - before) / 2 + ROUNDED_MICROS);
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

    /** Measures again; throws if expiry times that were copied by this skew may be too early by now. */
    void rejectDrift(RedisLink source, RedisLink target) throws CopyException {
        ClockSkew now = measure(source, target, measured -> !measured.driftedFrom(this));
        if (now.driftedFrom(this)) {
            throw new CopyException(
                    Kind.CONNECTION,
                    "The clocks of " + source.endpoint() + " and " + target.endpoint()
                            + " drift, or are asked too slowly to tell: expiry times have to be copied again");
        }
    }

    /** Unless it is proved that the clocks differ by no more than this and the margin of the earlier measurement. */
    boolean driftedFrom(ClockSkew earlier) {
        return Math.abs(micros - earlier.micros) + errorMicros > earlier.marginMillis() * 1000;
    }

    /**
     * Every expiry is later by this on the target, after each move of its key once more: so no longer than drift that is not
     * noticed, what the measurement that looks for it may be wrong by, and what this one may be wrong by ask for.
     */
    long marginMillis() {
        return DRIFT_MILLIS + MOST_ERROR_MICROS / 1000 + -Math.floorDiv(-errorMicros, 1000);
    }

    /** What the source calls {@code atMillis}, as the target has to be told; 0 stays 0, no expiry. */
    long onTarget(long atMillis) {
        return atMillis == 0 ? 0 : atMillis + -Math.floorDiv(-micros, 1000) + marginMillis();
    }
}
