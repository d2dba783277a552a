package io.sluice.manager.testing;

import io.sluice.manager.store.ConnectionBook;
import io.sluice.manager.store.StoreException;
import io.sluice.manager.store.StoreException.Reason;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** The book of connections without ZooKeeper. For all threads. */
public final class MemoryConnections implements ConnectionBook {

    private final Map<String, Set<Entry>> pages = new TreeMap<>();
    private final Map<String, Cargo> cargoes = new TreeMap<>();
    private boolean leads = true;

    /** Another manager leads. */
    public synchronized void depose() {
        leads = false;
    }

    private void rejectDeposed() throws StoreException {
        if (!leads) {
            throw new StoreException(Reason.NOT_LEADER, "This manager does not lead");
        }
    }

    @Override
    public synchronized void open(String handoff, Cargo cargo) throws StoreException {
        rejectDeposed();
        if (pages.putIfAbsent(handoff, new LinkedHashSet<>()) == null) {
            cargoes.put(handoff, cargo);
        }
    }

    @Override
    public synchronized Optional<Cargo> cargo(String handoff) {
        return Optional.ofNullable(cargoes.get(handoff));
    }

    @Override
    public synchronized void announce(String handoff, Entry entry) throws StoreException {
        rejectDeposed();
        pages.computeIfAbsent(handoff, any -> new LinkedHashSet<>()).add(entry);
    }

    @Override
    public synchronized List<Entry> of(String handoff) {
        return List.copyOf(pages.getOrDefault(handoff, Set.of()));
    }

    @Override
    public synchronized List<String> handoffs() {
        return List.copyOf(pages.keySet());
    }

    @Override
    public synchronized void forget(String handoff, List<Entry> dead) {
        dead.forEach(entry -> pages.getOrDefault(handoff, Set.of()).remove(entry));
    }

    @Override
    public synchronized void close(String handoff) {
        pages.remove(handoff);
        cargoes.remove(handoff);
    }

    @Override
    public synchronized void closeEmpty(String handoff) {
        if (pages.getOrDefault(handoff, Set.of()).isEmpty()) {
            close(handoff);
        }
    }
}
