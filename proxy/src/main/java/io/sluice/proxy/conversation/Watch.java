package io.sluice.proxy.conversation;

import io.sluice.proxy.backend.PrivateConnection;
import io.sluice.proxy.dispatch.SoleOwners.Place;
import io.sluice.proxy.protocol.ReplySink;
import io.sluice.proxy.protocol.Request;
import org.jspecify.annotations.Nullable;

/**
 * Keys that a server watches for one client, by a connection of its own. If that breaks, nobody knows whether the keys
 * stay as they are, and the transaction is not carried out. Event-loop only.
 */
final class Watch {

    private final Conversations shared;
    private final Place place;
    private final PrivateConnection connection;
    private boolean unbroken = true;

    private Watch(Conversations shared, Place place, PrivateConnection connection) {
        this.shared = shared;
        this.place = place;
        this.connection = connection;
        connection.onLost(() -> unbroken = false);
    }

    /** Null if there is no connection to be had. */
    static @Nullable Watch begin(Conversations shared, Place place) {
        PrivateConnection leased = place.server().lease();
        if (leased == null) {
            return null;
        }
        Watch begun = new Watch(shared, place, leased);
        shared.watches().add(begun);
        return begun;
    }

    Place place() {
        return place;
    }

    /** Whether the server has watched all the time. */
    boolean isUnbroken() {
        follow();
        return unbroken && connection.isOpen();
    }

    /** The pool has changed: if the keys are elsewhere now, or about to go, nobody watches them, also when they come back. */
    void follow() {
        Place now = shared.owners().placeOf(place.key());
        unbroken &= now != null && now.isWith(place) && !shared.owners().isFrozen(place);
    }

    /** Watches further keys. */
    void add(Request request, ReplySink sink) {
        request.appendTo(connection.out());
        connection.sent(sink);
    }

    /** Has the transaction carried out if nothing has changed; the watch is over then. */
    void commit(Transaction transaction, ReplySink sink) {
        shared.watches().remove(this);
        transaction.appendTo(connection.out());
        connection.sentTogether(Ignored.REPLY, transaction.count() + 1, new Ending(sink, connection::release));
    }

    void end() {
        shared.watches().remove(this);
        connection.releaseWatching();
    }
}
