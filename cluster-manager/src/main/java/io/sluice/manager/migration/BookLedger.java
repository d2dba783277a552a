package io.sluice.manager.migration;

import io.sluice.manager.migration.engine.ConnectionLedger;
import io.sluice.manager.migration.engine.MaintenanceConnection;
import io.sluice.manager.migration.engine.MaintenanceConnection.Purpose;
import io.sluice.manager.store.ConnectionBook;
import io.sluice.manager.store.StoreException;
import io.sluice.routing.config.AddressText;
import io.sluice.routing.topology.ServerAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The pages of one handoff in the cluster's book of connections. */
final class BookLedger implements ConnectionLedger {

    private static final Logger log = LoggerFactory.getLogger(BookLedger.class);

    private final ConnectionBook book;
    private final String handoff;

    BookLedger(ConnectionBook book, String handoff) {
        this.book = book;
        this.handoff = handoff;
    }

    @Override
    public boolean announce(MaintenanceConnection connection) {
        try {
            book.announce(handoff, entry(connection));
            return true;
        } catch (StoreException e) {
            log.warn("A connection may not be used: handoff={} reason={}: {}", handoff, e.reason(), e.getMessage());
            return false;
        }
    }

    @Override
    public List<MaintenanceConnection> announced() throws LedgerException {
        List<MaintenanceConnection> announced = new ArrayList<>();
        try {
            for (ConnectionBook.Entry entry : book.of(handoff)) {
                announced.add(connection(entry));
            }
        } catch (StoreException e) {
            throw new LedgerException(String.valueOf(e.getMessage()));
        }
        return announced;
    }

    @Override
    public void forget(Collection<MaintenanceConnection> gone) {
        try {
            book.forget(handoff, gone.stream().map(BookLedger::entry).toList());
        } catch (StoreException e) {
            log.debug("Dead connections stay in the book: handoff={}: {}", handoff, e.getMessage());
        }
    }

    private static ConnectionBook.Entry entry(MaintenanceConnection connection) {
        return new ConnectionBook.Entry(
                connection.node().toString(),
                connection.runId(),
                connection.clientId(),
                connection.purpose().name().toLowerCase(Locale.ROOT));
    }

    /** What is not understood might be a writer: nobody goes on before somebody has looked. */
    private static MaintenanceConnection connection(ConnectionBook.Entry entry) throws LedgerException {
        ServerAddress server = AddressText.tcp(entry.server())
                .orElseThrow(() -> new LedgerException("'" + entry.server() + "' is no server's address"));
        Purpose purpose = Stream.of(Purpose.values())
                .filter(known -> known.name().equalsIgnoreCase(entry.purpose()))
                .findFirst()
                .orElseThrow(() -> new LedgerException("a connection for '" + entry.purpose() + "'"));
        return new MaintenanceConnection(server, entry.runId(), entry.clientId(), purpose);
    }
}
