package io.sluice.manager.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.manager.migration.engine.ConnectionLedger.LedgerException;
import io.sluice.manager.migration.engine.MaintenanceConnection;
import io.sluice.manager.migration.engine.MaintenanceConnection.Purpose;
import io.sluice.manager.store.ConnectionBook;
import io.sluice.manager.store.StoreException;
import io.sluice.manager.testing.MemoryConnections;
import io.sluice.routing.topology.ServerAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

class BookLedgerTest {

    private static final ServerAddress SOURCE = ServerAddress.tcp("127.0.0.1", 7001);
    private static final ServerAddress TARGET = ServerAddress.tcp("127.0.0.1", 7002);
    private static final ServerAddress OTHER = ServerAddress.tcp("127.0.0.1", 7003);

    private final MemoryConnections book = new MemoryConnections();
    private final BookLedger ledger = ledger("h-2");

    private BookLedger ledger(String handoff) {
        ConnectionBook.Cargo cargo = new ConnectionBook.Cargo("cache", "100-199", "a", "b");
        return new BookLedger(book, handoff, cargo, List.of(SOURCE, TARGET), new FakePlane()); // h-1 is under way there
    }

    private static MaintenanceConnection connection(ServerAddress server, long id) {
        return new MaintenanceConnection(server, "run-1", id, Purpose.COPY);
    }

    @Test
    void whoTakesOverFindsWhatWasAnnounced() throws LedgerException {
        assertThat(ledger.announce(connection(TARGET, 1))).isTrue();
        assertThat(ledger.announce(connection(OTHER, 2))).isTrue();

        assertThat(ledger("h-2").announced()).containsExactlyInAnyOrder(connection(TARGET, 1), connection(OTHER, 2));

        ledger("h-2").forget(List.of(connection(TARGET, 1)));
        assertThat(ledger.announced()).containsExactly(connection(OTHER, 2));
    }

    @Test
    void whatItBringsIsKnownAsSoonAsAConnectionIs() throws StoreException {
        ledger.announce(connection(TARGET, 1));

        assertThat(book.cargo("h-2")).contains(new ConnectionBook.Cargo("cache", "100-199", "a", "b"));
    }

    @Test
    void whatItBringsIsKnownBeforeAnyConnectionIs() throws LedgerException, StoreException {
        assertThat(ledger.isBegun()).isFalse();

        ledger.begin();

        assertThat(ledger.isBegun()).isTrue();
        assertThat(book.cargo("h-2")).contains(new ConnectionBook.Cargo("cache", "100-199", "a", "b"));
    }

    @Test
    void whoDoesNotLeadBeginsNothing() {
        book.depose();

        assertThatThrownBy(ledger::begin).isInstanceOf(LedgerException.class);
    }

    @Test
    void connectionsOfHandoffsThatAreGoneAreFoundWhereTheyMatter() throws LedgerException {
        ledger("h-0").announce(connection(TARGET, 1));
        ledger("h-0").announce(connection(OTHER, 2));
        ledger("h-00").announce(connection(SOURCE, 3));
        ledger("h-1").announce(connection(TARGET, 4));

        assertThat(ledger.announced()).containsExactlyInAnyOrder(connection(TARGET, 1), connection(SOURCE, 3));

        ledger.forget(ledger.announced());
        assertThat(ledger.announced()).isEmpty();
    }

    @Test
    void thePageOfAnotherStaysWithWhatItBroughtWhereItsConnectionsAreEnded() throws LedgerException, StoreException {
        ledger("h-0").announce(connection(TARGET, 1));

        ledger.forget(ledger.announced());

        assertThat(book.of("h-0")).isEmpty();
        assertThat(book.cargo("h-0"))
                .as("its purge may not be over")
                .contains(new ConnectionBook.Cargo("cache", "100-199", "a", "b"));
        assertThat(ledger("h-0").isBegun()).isTrue();
    }

    @Test
    void itsOwnConnectionsAreThoseOfItsPage() throws LedgerException {
        ledger("h-0").announce(connection(TARGET, 1));
        ledger.announce(connection(TARGET, 2));

        assertThat(ledger.own()).containsExactly(connection(TARGET, 2));
    }

    @Test
    void whoDoesNotLeadUsesNoConnection() {
        book.depose();

        assertThat(ledger.announce(connection(TARGET, 1))).isFalse();
    }

    @Test
    void whatIsNotUnderstoodStopsEverything() throws StoreException {
        book.announce("h-2", new ConnectionBook.Entry("?", "run-1", 1, "copy"));

        assertThatThrownBy(ledger::announced)
                .isInstanceOf(LedgerException.class)
                .hasMessageContaining("'?'");
    }
}
