package io.sluice.manager.migration;

import io.sluice.manager.migration.engine.Cleanup;
import io.sluice.manager.migration.engine.ConnectionGate;
import io.sluice.manager.migration.engine.ConnectionLedger;
import io.sluice.manager.migration.engine.ConnectionLedger.LedgerException;
import io.sluice.manager.migration.engine.CopyFailure;
import io.sluice.manager.migration.engine.CopyLimits;
import io.sluice.manager.migration.engine.KeyFilter;
import io.sluice.manager.migration.engine.MaintenanceConnection;
import io.sluice.manager.migration.engine.RedisEndpoint;
import io.sluice.manager.migration.engine.StrayReplica;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a handoff has brought to its target, and may have to take off again. The source has no part in that: it may be away,
 * or gone for good.
 *
 * @param handoff its id
 * @param target where the copies lie
 * @param sources of which an engine may have made the target a replica; empty if they are not known any more
 * @param moving keys of the handoff
 * @param ledger of the handoff
 */
record TargetCopies(
        String handoff, RedisEndpoint target, List<RedisEndpoint> sources, KeyFilter moving, ConnectionLedger ledger) {

    private static final Logger log = LoggerFactory.getLogger(TargetCopies.class);

    TargetCopies {
        sources = List.copyOf(sources);
    }

    /** Ends the handoff's connections to the target, and takes these of its keys off. Blocks. Empty if that is done. */
    Optional<String> purge(KeyFilter which, CopyLimits limits) throws LedgerException {
        KeyFilter left = key -> which.moves(key) && moving.moves(key);
        return endConnections() // of this handoff alone: other purges go on there
                .or(this::promote)
                .or(() -> clean(left, limits));
    }

    private Optional<String> endConnections() throws LedgerException {
        List<MaintenanceConnection> own = ledger.own();
        Optional<CopyFailure> left = ConnectionGate.close(target, own);
        if (left.isEmpty()) {
            ledger.forget(own.stream()
                    .filter(each -> each.node().equals(target.address()))
                    .toList());
        }
        return left.map(CopyFailure::message);
    }

    /** Makes the target a master, if it was left as a replica of a source. Empty if it is one. */
    Optional<String> promote() {
        return StrayReplica.promote(target, sources, ledger).map(CopyFailure::message);
    }

    private Optional<String> clean(KeyFilter keys, CopyLimits limits) {
        try (Cleanup cleanup = new Cleanup(target, keys, ledger, limits)) {
            Cleanup.Result result = cleanup.run();
            log.info("Keys taken off: handoff={} server={} keys={}", handoff, target, result.removed());
            return result.failure().map(CopyFailure::message);
        }
    }
}
