package io.sluice.manager.store;

import java.util.List;

/** The audit log: bounded, the oldest entries go first. May be used from any thread; blocks. */
public interface History {

    void add(HistoryEntry entry) throws StoreException;

    /** The newest first. */
    List<HistoryEntry> newest(int most) throws StoreException;
}
