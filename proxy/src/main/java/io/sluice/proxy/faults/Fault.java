package io.sluice.proxy.faults;

import java.time.Instant;

/**
 * A fault that is on.
 *
 * @param id unique in this process, from 1
 * @param since for people
 * @param until when it ends by itself, for people
 * @param endNanos the same on the clock of the event loops
 */
public record Fault(int id, FaultOrder order, Instant since, Instant until, long endNanos) {

    /** For the log: all about it but the key prefix, since keys are nobody's business there. */
    String describe() {
        return "id=" + id + " kind=" + order.kind() + " pool=" + (order.pool() == null ? "(all)" : order.pool())
                + " percent=" + order.percent()
                + " commands=" + (order.commands().isEmpty() ? "(all)" : order.commands())
                + " key_prefix=" + (order.keyPrefix() == null ? "(any)" : "(given)")
                + " server=" + (order.server() == null ? "(any)" : order.server())
                + (order.kind() == FaultKind.DELAY ? " delay=" + order.delay().toMillis() + "ms" : "")
                + " until=" + until;
    }
}
