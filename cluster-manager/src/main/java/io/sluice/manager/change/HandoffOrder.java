package io.sluice.manager.change;

import io.sluice.manager.store.Orders;
import java.util.function.UnaryOperator;

/**
 * Other orders for a handoff.
 *
 * @param handoff its id
 * @param change what to make of those that it has; pure
 */
public record HandoffOrder(String handoff, UnaryOperator<Orders> change) {}
