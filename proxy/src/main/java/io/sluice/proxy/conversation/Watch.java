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

    private final Place place;
    private final PrivateConnection connection;
    private boolean unbroken = true;

    private Watch(Place place, PrivateConnection connection) {
        this.place = place;
        this.connection = connection;
        connection.onLost(() -> unbroken = false);
    }

    /** Null if there is no connection to be had. */
    static @Nullable Watch begin(Place place) {
        PrivateConnection leased = place.server().lease();
        return leased == null ? null : new Watch(place, leased);
    }

    Place place() {
        return place;
    }

    /** Whether the server has watched all the time. */
    boolean isUnbroken() {
        return unbroken && connection.isOpen();
    }

    /** From now on it is not known any more whether the keys stay as they are, as when they move. */
    void spoil() {
        unbroken = false;
    }

    /** Watches further keys. */
    void add(Request request, ReplySink sink) {
        request.appendTo(connection.out());
        connection.sent(sink);
    }

    /** Has the transaction carried out if nothing has changed; the watch is over then. */
    void commit(Transaction transaction, ReplySink sink) {
        transaction.appendTo(connection.out());
        connection.sentTogether(Ignored.REPLY, transaction.count() + 1, new Ending(sink, connection::release));
    }

    void end() {
        connection.releaseWatching();
    }
}
