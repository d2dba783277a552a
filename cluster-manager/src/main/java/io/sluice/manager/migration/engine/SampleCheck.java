package io.sluice.manager.migration.engine;

import io.sluice.manager.migration.engine.MaintenanceConnection.Purpose;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import redis.clients.jedis.Protocol.Command;

/**
 * A quick look whether source and target are the same, for the moment when clients wait: random keys of either side are
 * compared by type, expiry and, unless they are large, value. {@link Verification} compares everything and takes its time.
 */
final class SampleCheck implements AutoCloseable {

    /** Keys that are asked for at once, from both sides together. */
    private static final int BATCH = 50;

    /** Larger values are compared by the number of their elements: servers stand still while they write them down. */
    private static final long MOST_BYTES = 16 << 10;

    private final RedisLink source;
    private final RedisLink target;
    private final ClockSkew skew;
    private final KeyFilter moving;
    private final EngineKind engine;

    private SampleCheck(RedisLink source, RedisLink target, ClockSkew skew, KeyFilter moving, EngineKind engine) {
        this.source = source;
        this.target = target;
        this.skew = skew;
        this.moving = moving;
        this.engine = engine;
    }

    /** Connects to both servers, and compares their clocks if need be: what need not be done while clients wait. */
    static SampleCheck open(CopyPlan plan, EngineKind engine, Optional<ClockSkew> copied) throws CopyException {
        RedisLink source = RedisLink.open(plan.source(), Purpose.READ, readsOnly -> true);
        RedisLink target = null;
        try {
            target = RedisLink.open(plan.target(), Purpose.READ, readsOnly -> true);
            ClockSkew skew = copied.isPresent() ? copied.get() : ClockSkew.measure(source, target);
            return new SampleCheck(source, target, skew, plan.moving(), engine);
        } catch (CopyException e) {
            source.close();
            if (target != null) {
                target.close();
            }
            throw e;
        }
    }

    /**
     * Looks at these keys, and at so many others of the first database of each server. Blocks for some round trips; after
     * {@code deadlineNanos} of {@link System#nanoTime} it only ends what it has begun: no more random keys are taken, and no
     * more values read that are large or stored in another way. What could not be looked at is no difference.
     *
     * @param copied keys by database
     * @return how a key differs, or why the servers could not be asked
     */
    Optional<String> run(Map<Integer, List<byte[]>> copied, int keys, long deadlineNanos) {
        try {
            ValueComparison values = new ValueComparison(source, target, skew, engine);
            for (Map.Entry<Integer, List<byte[]>> known : copied.entrySet()) {
                Optional<String> difference = difference(values, known.getKey(), known.getValue(), deadlineNanos);
                if (difference.isPresent()) {
                    return difference;
                }
            }
            for (int looked = 0; looked < keys && System.nanoTime() - deadlineNanos < 0; looked += BATCH) {
                int half = (Math.min(BATCH, keys - looked) + 1) / 2;
                List<byte[]> sample = randomKeys(source, half);
                sample.addAll(randomKeys(target, half));
                Optional<String> difference = difference(values, 0, sample, deadlineNanos);
                if (difference.isPresent()) {
                    return difference;
                }
            }
            return Optional.empty();
        } catch (CopyException e) {
            return Optional.of(e.failure().message());
        }
    }

    @Override
    public void close() {
        source.close();
        target.close();
    }

    /** What is unlike is looked at in any case; hundreds of large values would take longer than clients should wait. */
    private Optional<String> difference(ValueComparison values, int database, List<byte[]> keys, long deadlineNanos)
            throws CopyException {
        ValueComparison.Doubts doubts = values.doubtful(database, keys, MOST_BYTES);
        Optional<String> found = Optional.empty();
        for (Iterator<byte[]> left = doubts.unlike().iterator(); found.isEmpty() && left.hasNext(); ) {
            found = values.difference(database, left.next());
        }
        Iterator<byte[]> unclear = doubts.unclear().iterator();
        while (found.isEmpty() && unclear.hasNext() && System.nanoTime() - deadlineNanos < 0) {
            found = values.difference(database, unclear.next());
        }
        return found.map(
                what -> "Source " + source.endpoint() + " and target " + target.endpoint() + " differ: " + what);
    }

    private List<byte[]> randomKeys(RedisLink link, int count) throws CopyException {
        for (int i = 0; i < count; i++) {
            link.send(Command.RANDOMKEY);
        }
        List<byte[]> keys = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            if (link.receive() instanceof byte[] key && moving.moves(key)) {
                keys.add(key);
            }
        }
        return keys;
    }
}
