package io.sluice.manager.migration;

import io.sluice.manager.migration.engine.ConnectionLedger;
import io.sluice.manager.migration.engine.MaintenanceConnection;
import io.sluice.manager.migration.engine.MaintenanceConnection.Purpose;
import io.sluice.manager.store.ConnectionBook;
import io.sluice.manager.store.StoreException;
import io.sluice.manager.store.TopologyStore;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.config.AddressText;
import io.sluice.routing.topology.ServerAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pages of one handoff in the cluster's book of connections, and those of handoffs that ended without anybody to end
 * their connections: what those still send to the same servers would be as wrong there. Used by one thread, but for
 * {@link #announce}.
 */
final class BookLedger implements ConnectionLedger {

    private static final Logger log = LoggerFactory.getLogger(BookLedger.class);

    private final ConnectionBook book;
    private final String handoff;
    private final ConnectionBook.Cargo cargo;
    private final List<ServerAddress> servers;
    private final TopologyStore topologies;
    private final Map<MaintenanceConnection, String> leftOver = new HashMap<>();
    private volatile boolean open;

    /** @param servers where connections of handoffs that are gone matter to this one */
    BookLedger(
            ConnectionBook book,
            String handoff,
            ConnectionBook.Cargo cargo,
            List<ServerAddress> servers,
            TopologyStore topologies) {
        this.book = book;
        this.handoff = handoff;
        this.cargo = cargo;
        this.servers = List.copyOf(servers);
        this.topologies = topologies;
    }

    @Override
    public void begin() throws LedgerException {
        try {
            open();
        } catch (StoreException e) {
            throw new LedgerException(String.valueOf(e.getMessage()));
        }
    }

    private void open() throws StoreException {
        if (!open) {
            book.open(handoff, cargo);
            open = true;
        }
    }

    @Override
    public boolean announce(MaintenanceConnection connection) {
        try {
            open();
            book.announce(handoff, entry(connection));
            return true;
        } catch (StoreException e) {
            log.warn("A connection may not be used: handoff={} reason={}: {}", handoff, e.reason(), e.getMessage());
            return false;
        }
    }

    @Override
    public List<MaintenanceConnection> announced() throws LedgerException {
        List<MaintenanceConnection> announced = own();
        try {
            findLeftOver();
        } catch (StoreException e) {
            throw new LedgerException(String.valueOf(e.getMessage()));
        }
        announced.addAll(leftOver.keySet());
        return announced;
    }

    @Override
    public List<MaintenanceConnection> own() throws LedgerException {
        List<MaintenanceConnection> own = new ArrayList<>();
        try {
            for (ConnectionBook.Entry entry : book.of(handoff)) {
                own.add(connection(entry));
            }
        } catch (StoreException e) {
            throw new LedgerException(String.valueOf(e.getMessage()));
        }
        return own;
    }

    @Override
    public boolean isBegun() throws LedgerException {
        try {
            return book.cargo(handoff).isPresent() || !book.of(handoff).isEmpty();
        } catch (StoreException e) {
            throw new LedgerException(String.valueOf(e.getMessage()));
        }
    }

    /** In this order: what has an entry was in the topology before, so what is not there now is gone. */
    private void findLeftOver() throws StoreException, LedgerException {
        Set<String> gone = new HashSet<>(book.handoffs());
        gone.removeAll(underWay(topologies.read().topology()));
        gone.remove(handoff);
        leftOver.clear();
        for (String other : gone) {
            for (ConnectionBook.Entry entry : book.of(other)) {
                MaintenanceConnection connection = connection(entry);
                if (servers.contains(connection.node())) {
                    leftOver.put(connection, other);
                }
            }
        }
    }

    private static Set<String> underWay(Topology topology) {
        return topology.pools().keySet().stream()
                .flatMap(pool -> topology.slotPool(pool).stream())
                .flatMap(pool -> pool.handoffs().keySet().stream())
                .collect(Collectors.toSet());
    }

    /** Pages of others stay, even without entries: they tell where keys may be left. {@link LeftPages} knows when they may go. */
    @Override
    public void forget(Collection<MaintenanceConnection> gone) {
        try {
            for (MaintenanceConnection connection : gone) {
                @Nullable String other = leftOver.remove(connection);
                book.forget(other == null ? handoff : other, List.of(entry(connection)));
            }
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
