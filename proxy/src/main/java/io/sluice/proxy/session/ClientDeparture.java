package io.sluice.proxy.session;

import io.sluice.proxy.transport.Connection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One client on its way to another process, which it goes to between two of its requests. Event-loop only. */
final class ClientDeparture {

    private static final Logger log = LoggerFactory.getLogger(ClientDeparture.class);

    /** Of a request whose rest is still to come; a client that has sent more of one is closed instead. */
    static final int MOST_UNREAD_BYTES = 16 << 20;

    private static final int NOT_KNOWN = -1;

    private final Departure to;
    private final Connection connection;
    private int descriptor = NOT_KNOWN;
    private boolean readingStopped;
    private boolean over;
    private boolean gone;

    ClientDeparture(Departure to, Connection connection) {
        this.to = to;
        this.connection = connection;
    }

    /**
     * Stops reading.
     *
     * @param whenStopped run once that is done, perhaps before this returns
     * @return false if the connection cannot be given away; then nothing was done
     */
    boolean begin(Runnable whenStopped) {
        to.expect();
        int number = connection.stopReading(() -> {
            readingStopped = true;
            whenStopped.run();
        });
        if (number < 0) {
            giveUp();
            return false;
        }
        descriptor = number;
        return true;
    }

    /** Whether nothing of the connection is under way any more. */
    boolean isReady() {
        return readingStopped && descriptor != NOT_KNOWN && !over;
    }

    /** Gives the connection away. Where that cannot be, the client is to be closed; so is our end of it otherwise. */
    void depart(long client, String state) {
        if (connection.unreadBytes() > MOST_UNREAD_BYTES) {
            log.warn(
                    "Client closed, too large a part of a request has come: client={} bytes={}",
                    connection.peer(),
                    connection.unreadBytes());
            giveUp();
            return;
        }
        String carried = new CarriedClient(state, connection.announced()).text();
        gone = to.depart(client, carried, descriptor, connection.unread());
        if (gone) {
            over = true;
        } else {
            giveUp();
        }
    }

    /** The client will not go, if it has not gone already. */
    void giveUp() {
        if (!over) {
            over = true;
            to.forget();
        }
    }

    boolean hasGone() {
        return gone;
    }
}
