package io.sluice.manager.change;

import io.sluice.manager.store.OrderBook;
import io.sluice.manager.store.Orders;
import io.sluice.manager.store.StoreException;
import io.sluice.manager.store.StoreException.Reason;
import io.sluice.manager.store.StoredOrders;
import java.util.List;
import java.util.Optional;

/** Writes down what changes want of handoffs. Thread-safe. */
final class OrderDesk {

    private final OrderBook book;

    OrderDesk(OrderBook book) {
        this.book = book;
    }

    /** What would be different, for people; writes nothing. */
    List<String> plan(TopologyChange change) throws StoreException {
        Optional<HandoffOrder> order = change.order();
        if (order.isEmpty()) {
            return List.of();
        }
        Orders before = book.of(order.get().handoff()).orders();
        return lines(order.get(), before, order.get().change().apply(before));
    }

    /** What is different now. */
    List<String> apply(TopologyChange change) throws StoreException {
        Optional<HandoffOrder> order = change.order();
        return order.isEmpty() ? List.of() : apply(order.get());
    }

    private List<String> apply(HandoffOrder order) throws StoreException {
        for (int attempt = 1; ; attempt++) {
            StoredOrders before = book.of(order.handoff());
            Orders after = order.change().apply(before.orders());
            List<String> lines = lines(order, before.orders(), after);
            if (lines.isEmpty()) {
                return lines;
            }
            try {
                book.replace(order.handoff(), before, after);
                return lines;
            } catch (StoreException e) {
                if (e.reason() != Reason.CHANGED_MEANWHILE || attempt == ClusterDesk.MAX_ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private static List<String> lines(HandoffOrder order, Orders before, Orders after) {
        return before.differences(after).stream()
                .map(difference -> "~ handoff " + order.handoff() + ": " + difference)
                .toList();
    }
}
