package io.sluice.manager.change;

import io.sluice.manager.store.StoreException;
import java.util.OptionalLong;

/** Where every change of a topology is made: compared, planned, applied, written down. May be used from any thread. */
public interface ChangeDesk {

    /** What it would do to the newest topology; changes nothing. */
    ChangePlan plan(TopologyChange change) throws StoreException, ChangeRefusedException;

    /**
     * Does it, and writes it down; tried again a bounded number of times when somebody else writes in between. A change
     * that would do nothing is not written.
     *
     * @param by who asks for it
     * @param expectedEpoch the epoch the change was planned for; refused if it is another now
     * @return what was done; its {@code after} has the new epoch
     */
    ChangePlan apply(TopologyChange change, String by, OptionalLong expectedEpoch)
            throws StoreException, ChangeRefusedException;
}
