package io.sluice.manager.store;

/** What people want of handoffs; outlives whoever leads. May be used from any thread; blocks. */
public interface OrderBook {

    /** Those of a handoff; {@link Orders#NONE} if nobody has said anything. As new as this call, or newer. */
    StoredOrders of(String handoff) throws StoreException;

    /**
     * Writes others, if this manager leads and nobody has written since they were read. They go with the handoff's pages
     * in the {@link ConnectionBook}.
     */
    void replace(String handoff, StoredOrders before, Orders after) throws StoreException;
}
