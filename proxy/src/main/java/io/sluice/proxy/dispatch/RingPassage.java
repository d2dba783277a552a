package io.sluice.proxy.dispatch;

import io.sluice.proxy.budget.Room;
import io.sluice.proxy.command.Command;
import io.sluice.proxy.protocol.ReplySink;
import io.sluice.proxy.protocol.Request;
import org.jspecify.annotations.Nullable;

/**
 * Where all requests of a pool pass while its ring is on its way to other servers: those with keys that stay are sent as
 * always. Of one pool on one event loop. Event-loop only.
 */
public interface RingPassage {

    /**
     * Sends a request on its way, as {@link RequestDispatcher#dispatch} does.
     *
     * @param dispatcher sends what needs no more than that
     * @param pool the version of it that this passage belongs to
     * @return as {@link RequestDispatcher#dispatch}
     */
    @Nullable Room dispatch(
            RequestDispatcher dispatcher,
            PoolSnapshot pool,
            Command command,
            Request request,
            long client,
            ReplySink sink);
}
