package io.sluice.manager.migration;

import io.sluice.manager.migration.engine.ConnectionLedger;
import io.sluice.manager.migration.engine.CopyLimits;
import io.sluice.manager.migration.engine.KeyFilter;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Moves nothing, because nothing here can: says why. What another mover of the same handoff brought before, as under another
 * configuration, is taken off the target all the same if that can be reached; else it is remembered that it lies there.
 *
 * @param reason why nothing moves
 * @param ledger tells whether anything was brought
 * @param copies null if the target cannot be reached either
 */
record RefusedMover(
        String reason, ConnectionLedger ledger, @Nullable TargetCopies copies, CopyLimits limits) implements Mover {

    @Override
    public void begin() {}

    @Override
    public boolean isCaughtUp() {
        return false;
    }

    @Override
    public Optional<Failure> failure() {
        return Optional.of(new Failure(false, reason));
    }

    @Override
    public Optional<String> drain(Duration limit) {
        return Optional.of(reason);
    }

    @Override
    public Optional<String> closeGate() {
        return Optional.of(reason);
    }

    @Override
    public void follow() {}

    @Override
    public Optional<String> purgeTarget(KeyFilter which) {
        try {
            if (!ledger.isBegun()) {
                return Optional.empty();
            }
            return copies == null ? Optional.of(reason) : copies.purge(which, limits);
        } catch (ConnectionLedger.LedgerException e) {
            return Optional.of("Whether anything was copied is not known: " + e.getMessage());
        }
    }

    @Override
    public Optional<String> cleanSource() {
        return Optional.of(reason);
    }

    @Override
    public String progress() {
        return reason;
    }

    @Override
    public void close() {}
}
