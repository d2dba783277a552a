package io.sluice.manager.migration.engine;

import io.sluice.manager.migration.engine.MaintenanceConnection.Purpose;
import java.util.Optional;
import redis.clients.jedis.Protocol.Command;

/**
 * A quick look whether source and target are the same, for the moment when clients wait: random keys of either side are
 * compared by type, expiry and, unless they are large, value. {@link Verification} compares everything and takes its time.
 */
public final class SampleCheck {

    private final RedisEndpoint source;
    private final RedisEndpoint target;
    private final KeyFilter moving;
    private final EngineKind engine;

    public SampleCheck(CopyPlan plan, EngineKind engine) {
        this.source = plan.source();
        this.target = plan.target();
        this.moving = plan.moving();
        this.engine = engine;
    }

    /**
     * Looks at so many keys of the first database of each server. Blocks for some round trips per key, at most until
     * {@code deadlineNanos} of {@link System#nanoTime}: what could not be looked at is no difference.
     *
     * @return how a key differs, or why the servers could not be asked
     */
    public Optional<String> run(int keys, long deadlineNanos) {
        try (RedisLink from = RedisLink.open(source, Purpose.READ, readsOnly -> true);
                RedisLink to = RedisLink.open(target, Purpose.READ, readsOnly -> true)) {
            ValueComparison values = new ValueComparison(from, to, ClockSkew.measure(from, to), engine);
            for (int i = 0; i < keys && System.nanoTime() - deadlineNanos < 0; i++) {
                RedisLink side = i % 2 == 0 ? from : to;
                if (side.call(Command.RANDOMKEY) instanceof byte[] key && moving.moves(key)) {
                    Optional<String> difference = values.difference(0, key);
                    if (difference.isPresent()) {
                        return Optional.of(
                                "Source " + source + " and target " + target + " differ: " + difference.get());
                    }
                }
            }
            return Optional.empty();
        } catch (CopyException e) {
            return Optional.of(e.failure().message());
        }
    }
}
