package io.sluice.manager.migration;

import io.sluice.manager.migration.engine.CopyLimits;
import io.sluice.manager.store.HandoffLimit;
import io.sluice.manager.store.Orders;
import java.time.Duration;

/** The limits of a copy: those that somebody ordered, and the manager's own for the others. */
final class OrderedLimits {

    private OrderedLimits() {}

    static CopyLimits of(Orders orders, CopyLimits own) {
        long ping = orders.limit(HandoffLimit.SLOW_DOWN_ABOVE_MS);
        return new CopyLimits(
                (int) chosen(orders, HandoffLimit.KEYS_PER_SECOND, own.keysPerSecond()),
                chosen(orders, HandoffLimit.BYTES_PER_SECOND, own.bytesPerSecond()),
                (int) chosen(orders, HandoffLimit.OUTSTANDING_COMMANDS, own.outstandingCommands()),
                own.outstandingBytes(),
                ping == HandoffLimit.AUTO ? own.slowDownAbove() : Duration.ofMillis(ping),
                chosen(orders, HandoffLimit.SPOOL_BYTES, own.spoolBytes()));
    }

    private static long chosen(Orders orders, HandoffLimit limit, long own) {
        long ordered = orders.limit(limit);
        return ordered == HandoffLimit.AUTO ? own : ordered;
    }
}
