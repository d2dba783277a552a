package io.sluice.manager.migration.engine;

import io.sluice.manager.migration.engine.CopyFailure.Kind;
import io.sluice.manager.migration.engine.MaintenanceConnection.Purpose;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Takes moving keys off a server by a registered connection: off the target after an abort, off the source after a switch,
 * off both halves after a split. {@link #run} blocks its caller; everything else may be called by any thread.
 */
public final class Cleanup implements AutoCloseable {

    private final RedisEndpoint server;
    private final KeyFilter moving;
    private final ConnectionRegister register;
    private final Pace pace;
    private volatile @Nullable RedisLink link;

    /** Only the limit of keys per second counts here. */
    public Cleanup(RedisEndpoint server, KeyFilter moving, ConnectionRegister register, CopyLimits limits) {
        this.server = server;
        this.moving = moving;
        this.register = register;
        this.pace = new Pace(limits, System::nanoTime);
    }

    /**
     * What became of it.
     *
     * @param removed keys that are gone
     * @param error null if all are
     */
    public record Result(long removed, @Nullable CopyFailure error) {
        public Optional<CopyFailure> failure() {
            return Optional.ofNullable(error);
        }
    }

    /** One pass over the server, then a look whether anything is left; a second pass if so, but not a third. */
    public Result run() {
        long removed = 0;
        try (RedisLink opened = RedisLink.open(server, Purpose.PURGE, register)) {
            link = opened;
            for (int pass = 0; pass < 2; pass++) {
                long count = new KeyPurge(opened, moving, pace).run();
                removed += count;
                if (count == 0) {
                    return new Result(removed, null);
                }
            }
            return new KeyPurge(opened, moving, pace).run() == 0
                    ? new Result(removed, null)
                    : new Result(
                            removed,
                            new CopyFailure(
                                    Kind.TARGET_CHANGED,
                                    "Somebody writes to keys on " + server
                                            + " that have no business there; look for clients that go past the proxies"));
        } catch (CopyException e) {
            return new Result(removed, e.failure());
        }
    }

    public void limits(CopyLimits limits) {
        pace.limits(limits);
    }

    /** Stops it where it is. */
    @Override
    public void close() {
        pace.stop();
        RedisLink open = link;
        if (open != null) {
            open.close();
        }
    }
}
