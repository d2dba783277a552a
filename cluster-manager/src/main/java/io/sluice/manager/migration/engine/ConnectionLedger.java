package io.sluice.manager.migration.engine;

import java.util.Collection;
import java.util.List;

/** Where the connections of one handoff are written down, so that whoever takes over can end them. */
public interface ConnectionLedger extends ConnectionRegister {

    /**
     * Writes down that keys will be brought to the target, before anything is sent there: from then on whoever gives slots to
     * the target can know. Harmless if repeated.
     */
    void begin() throws LedgerException;

    /** All that were announced and not forgotten, by whichever manager; those of other handoffs as well that are gone. */
    List<MaintenanceConnection> announced() throws LedgerException;

    /** Those of this handoff alone. */
    List<MaintenanceConnection> own() throws LedgerException;

    /** Whether {@link #begin} was called for the handoff at any time, by whichever manager: else nothing was written. */
    boolean isBegun() throws LedgerException;

    /** They are gone; a ledger that cannot be written keeps them, which does no harm. */
    void forget(Collection<MaintenanceConnection> gone);

    /** The ledger could not be read. */
    final class LedgerException extends Exception {

        private static final long serialVersionUID = 1;

        public LedgerException(String message) {
            super(message);
        }
    }
}
