package io.sluice.proxy.dispatch;

import io.sluice.proxy.backend.Backend;
import io.sluice.proxy.command.Command;
import io.sluice.proxy.command.QueueUse;
import io.sluice.proxy.dispatch.SoleOwners.Place;
import io.sluice.proxy.protocol.ReplySink;
import io.sluice.proxy.protocol.Request;
import org.jspecify.annotations.Nullable;

/**
 * Finds the server at which a client may wait for data, also while queues are on their way to other servers: no client ever
 * waits at two. Of one pool on one event loop. Event-loop only.
 *
 * <pre>
 *   SEALED     at old
 *   TURNING    at old
 *   DRAINING   at new, once it has been seen that old has nothing
 * </pre>
 */
public final class QueueOwners {

    private static final int NO_SLOT = -1;

    private final RequestDispatcher dispatcher;
    private final SoleOwners owners;

    public QueueOwners(RequestDispatcher dispatcher, SoleOwners owners) {
        this.dispatcher = dispatcher;
        this.owners = owners;
    }

    private @Nullable QueuePassage passage() {
        return dispatcher.snapshot().passage() instanceof QueuePassage queues ? queues : null;
    }

    /** Another object once queues take another way, or are in another state of it; null while none is on its way. */
    public @Nullable Object version() {
        QueuePassage queues = passage();
        return queues == null ? null : queues.version();
    }

    /** Where a client may wait with a request; null after an error has gone to {@code sink}. */
    public @Nullable Place find(Command command, Request request, ReplySink sink) {
        QueuePassage queues = passage();
        QueueWay way = queues == null ? null : queues.way(command, request);
        if (queues == null || way == null) {
            return owners.find(command, request, sink);
        }
        Place place = place(queues, way, command, request);
        if (place == null) {
            queues.refuse(command, way, QueuePassage.whyNot(command), sink);
        }
        return place;
    }

    private @Nullable Place place(QueuePassage queues, QueueWay way, Command command, Request request) {
        int server = queues.isDraining() ? way.to() : way.from();
        return command.queueUse() == QueueUse.TAKE && way.together() && server >= 0
                ? placeAt(server, command, request)
                : null;
    }

    private @Nullable Place placeAt(int server, Command command, Request request) {
        byte[] key = owners.firstKey(command, request);
        return key == null ? null : new Place(dispatcher.snapshot().server(server), NO_SLOT, key);
    }

    /** Where elements from before may be left, which come first; null if there are none. */
    public @Nullable Place former(Command command, Request request) {
        QueuePassage queues = passage();
        QueueWay way = queues == null || !queues.isDraining() ? null : queues.way(command, request);
        return queues == null || way == null || way.from() < 0 || queues.isDrained(command, request)
                ? null
                : placeAt(way.from(), command, request);
    }

    /** Nothing is left at the {@link #former} place, and nothing will be. */
    public void onNothing(Command command, Request request) {
        QueuePassage queues = passage();
        if (queues != null && queues.isDraining()) {
            queues.onNothing(command, request);
        }
    }

    /** Whether a client may go on waiting at a server with this request. */
    @SuppressWarnings("ReferenceEquality") // a server of a pool is one object
    public boolean mayStay(Command command, Request request, Place at) {
        QueuePassage queues = passage();
        QueueWay way = queues == null ? null : queues.way(command, request);
        Place now = queues == null || way == null ? owners.placeOf(at.key()) : place(queues, way, command, request);
        Backend server = now == null ? null : now.server();
        return server == at.server() || (server == null && way == null); // left out: it stays where it is
    }
}
