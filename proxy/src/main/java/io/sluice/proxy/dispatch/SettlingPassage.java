package io.sluice.proxy.dispatch;

import io.sluice.proxy.budget.Room;
import io.sluice.proxy.command.Command;
import io.sluice.proxy.protocol.ReplySink;
import io.sluice.proxy.protocol.Request;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Where requests pass while a ring stays as it is, and some that began under a change of it are not over: they go their
 * usual way, but overtake none of those. Needed no more once it {@linkplain #isSettled is settled}. Event-loop only.
 *
 * <pre>
 *   set k 1 ─▶ delete k (old) ........... ─▶ set k 1 (new)
 *                  the change is over
 *              set k 2   waits .......... ─▶ goes on
 * </pre>
 */
public final class SettlingPassage implements RingPassage {

    /** Whom a client's request must not overtake. */
    interface Order {

        /** Null if the client may go on with this request; else what it waits for. */
        @Nullable Room busy(Command command, Request request, long client);
    }

    private final Order order;
    private final BooleanSupplier settled;

    /** @param settled tells whether nothing is left that could be overtaken */
    SettlingPassage(Order order, BooleanSupplier settled) {
        this.order = order;
        this.settled = settled;
    }

    /** Whether nothing is left that could be overtaken; from then on it stays so. */
    public boolean isSettled() {
        return settled.getAsBoolean();
    }

    /** Null if a client may go on with what takes no way through here; else what it waits for. */
    @Nullable Room busy(Request request, long client) {
        Command command = request.command();
        return command == null ? null : order.busy(command, request, client);
    }

    @Override
    public @Nullable Room dispatch(
            RequestDispatcher dispatcher,
            PoolSnapshot pool,
            Command command,
            Request request,
            long client,
            ReplySink sink) {
        Room busy = order.busy(command, request, client);
        return busy == null ? dispatcher.sendInPlace(pool, command, request, client, sink) : busy;
    }
}
