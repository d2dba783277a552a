package io.sluice.manager.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.manager.migration.engine.ConnectionLedger.LedgerException;
import io.sluice.manager.migration.engine.MaintenanceConnection;
import io.sluice.manager.migration.engine.MaintenanceConnection.Purpose;
import io.sluice.manager.store.ConnectionBook;
import io.sluice.manager.store.StoreException;
import io.sluice.manager.store.StoreException.Reason;
import io.sluice.routing.topology.ServerAddress;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class BookLedgerTest {

    private static final ServerAddress SOURCE = ServerAddress.tcp("127.0.0.1", 7001);
    private static final ServerAddress TARGET = ServerAddress.tcp("127.0.0.1", 7002);
    private static final ServerAddress OTHER = ServerAddress.tcp("127.0.0.1", 7003);

    private final MemoryBook book = new MemoryBook();
    private final BookLedger ledger = ledger("h-2");

    private BookLedger ledger(String handoff) {
        return new BookLedger(book, handoff, List.of(SOURCE, TARGET), new FakePlane()); // h-1 is under way there
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
    void connectionsOfHandoffsThatAreGoneAreFoundWhereTheyMatter() throws LedgerException {
        ledger("h-0").announce(connection(TARGET, 1));
        ledger("h-0").announce(connection(OTHER, 2));
        ledger("h-00").announce(connection(SOURCE, 3));
        ledger("h-1").announce(connection(TARGET, 4));

        assertThat(ledger.announced()).containsExactlyInAnyOrder(connection(TARGET, 1), connection(SOURCE, 3));

        ledger.forget(ledger.announced());
        assertThat(ledger.announced()).isEmpty();
        assertThat(book.handoffs()).as("a page without entries goes").containsExactly("h-0", "h-1");
    }

    @Test
    void whoDoesNotLeadUsesNoConnection() {
        book.leads = false;

        assertThat(ledger.announce(connection(TARGET, 1))).isFalse();
    }

    @Test
    void whatIsNotUnderstoodStopsEverything() {
        book.pages.put(
                "h-2", new TreeSet<>(Set.of(MemoryBook.text(new ConnectionBook.Entry("?", "run-1", 1, "copy")))));

        assertThatThrownBy(ledger::announced)
                .isInstanceOf(LedgerException.class)
                .hasMessageContaining("'?'");
    }

    /** The book without ZooKeeper. */
    private static final class MemoryBook implements ConnectionBook {

        final Map<String, Set<String>> pages = new TreeMap<>();
        boolean leads = true;

        static String text(Entry entry) {
            return entry.server() + " " + entry.runId() + " " + entry.clientId() + " " + entry.purpose();
        }

        @Override
        public void announce(String handoff, Entry entry) throws StoreException {
            if (!leads) {
                throw new StoreException(Reason.NOT_LEADER, "This manager does not lead");
            }
            pages.computeIfAbsent(handoff, any -> new TreeSet<>()).add(text(entry));
        }

        @Override
        public List<Entry> of(String handoff) {
            return pages.getOrDefault(handoff, Set.of()).stream()
                    .map(text -> text.split(" ", -1))
                    .map(words -> new Entry(words[0], words[1], Long.parseLong(words[2]), words[3]))
                    .toList();
        }

        @Override
        public List<String> handoffs() {
            return List.copyOf(pages.keySet());
        }

        @Override
        public void forget(String handoff, List<Entry> dead) {
            dead.forEach(entry -> pages.getOrDefault(handoff, Set.of()).remove(text(entry)));
        }

        @Override
        public void close(String handoff) {
            pages.remove(handoff);
        }

        @Override
        public void closeEmpty(String handoff) {
            pages.remove(handoff, Set.of());
        }
    }
}
