package io.sluice.manager.store;

/**
 * Orders as they were read.
 *
 * @param version what they are compared by when they are replaced; negative if there were none
 */
public record StoredOrders(Orders orders, int version) {

    /** Nobody has said anything, and nothing is kept. */
    public static final StoredOrders NONE = new StoredOrders(Orders.NONE, -1);
}
