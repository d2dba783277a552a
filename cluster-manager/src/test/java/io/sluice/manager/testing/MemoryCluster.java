package io.sluice.manager.testing;

import io.sluice.manager.store.Cluster;
import io.sluice.manager.store.History;
import io.sluice.manager.store.HistoryEntry;
import io.sluice.manager.store.Leadership;
import io.sluice.manager.store.OrderBook;
import io.sluice.manager.store.Orders;
import io.sluice.manager.store.ProxyRoster;
import io.sluice.manager.store.ProxyState;
import io.sluice.manager.store.StoreException;
import io.sluice.manager.store.StoreException.Reason;
import io.sluice.manager.store.StoredOrders;
import io.sluice.manager.store.StoredTopology;
import io.sluice.manager.store.TopologyStore;
import io.sluice.routing.cluster.Freezes;
import io.sluice.routing.cluster.Heartbeat;
import io.sluice.routing.cluster.ProxyRegistration;
import io.sluice.routing.cluster.Topology;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What ZooKeeper would keep, in maps; with the same rules, and with outages on request. Proxies follow each epoch at
 * once, unless they were told to stay behind. For all threads.
 */
public final class MemoryCluster {

    /** When everything here happens. */
    public static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");

    /** The term of the only manager there is. */
    public static final long TERM = 3;

    private final Map<String, ProxyState> proxies = new TreeMap<>();
    private final Map<String, StoredOrders> orders = new TreeMap<>();
    private final Deque<HistoryEntry> history = new ArrayDeque<>();
    private final MemoryConnections connections = new MemoryConnections();
    private StoredTopology stored = new StoredTopology(Topology.NONE, -1);
    private @Nullable String otherLeader;
    private boolean leads = true;
    private boolean down;
    private boolean historyDown;
    private boolean answersOfWritesAreLost;
    private boolean downAfterNextWrite;
    private @Nullable Topology intruder;
    private int intrusions;

    /** As a manager has it. */
    public Cluster cluster() {
        return new Cluster("test", new Topologies(), new Roster(), new Book(), connections, new Log(), new Leader());
    }

    public synchronized Topology topology() {
        return stored.topology();
    }

    /** Written by somebody whom nobody asked. */
    public synchronized MemoryCluster with(Topology topology) {
        stored = new StoredTopology(topology, stored.version() + 1);
        follow();
        return this;
    }

    /** Another manager leads from now on; null if nobody does. */
    public synchronized void ledBy(@Nullable String url) {
        leads = false;
        otherLeader = url;
    }

    /** Nothing can be read or written while that is so. */
    public synchronized void setDown(boolean isDown) {
        down = isDown;
    }

    public synchronized void setHistoryDown(boolean isDown) {
        historyDown = isDown;
    }

    /** Writes are carried out, and whoever wrote learns that nobody answered. */
    public synchronized void loseAnswersOfWrites() {
        answersOfWritesAreLost = true;
    }

    /** The next write is not carried out, and from then on nobody answers. */
    public synchronized void goDownAtNextWrite() {
        downAfterNextWrite = true;
    }

    /** The next writes find that somebody else has written before them. */
    public synchronized void intrude(Topology topology, int times) {
        intruder = topology;
        intrusions = times;
    }

    /** A proxy that serves every epoch at once. */
    public MemoryCluster withProxy(String id) {
        return withProxy(id, true, -1, 0, "");
    }

    /**
     * A proxy.
     *
     * @param applied the epoch at which it stays; -1 for always the newest
     */
    public synchronized MemoryCluster withProxy(String id, boolean live, long applied, long refused, String reason) {
        ProxyRegistration registration = new ProxyRegistration(
                applied < 0 ? "follows" : "stays",
                "0.1.0",
                "http://10.0.0.9:9600",
                NOW.minusSeconds(3600),
                Map.of("sessions", "0.0.0.0:22121"));
        Heartbeat heartbeat = new Heartbeat(registration.incarnation(), 7, Math.max(applied, 0), refused, reason);
        proxies.put(id, new ProxyState(id, registration, Optional.of(heartbeat), 7, 99, NOW.minusMillis(400), live));
        follow();
        return this;
    }

    /** One of which nothing can be understood. */
    public synchronized MemoryCluster withUnreadableProxy(String id, String why) {
        ProxyRegistration none = new ProxyRegistration("", "", "", Instant.EPOCH, Map.of());
        proxies.put(id, new ProxyState(id, none, Optional.empty(), 0, 0, Instant.EPOCH, false, why));
        return this;
    }

    private void follow() {
        proxies.replaceAll((id, proxy) -> proxy.registration().incarnation().equals("follows")
                ? new ProxyState(
                        id,
                        proxy.registration(),
                        Optional.of(
                                new Heartbeat("follows", 8, stored.topology().epoch(), 0, "")),
                        8,
                        100,
                        NOW.minusMillis(400),
                        proxy.live())
                : proxy);
    }

    public synchronized List<HistoryEntry> historyEntries() {
        return List.copyOf(history);
    }

    private void rejectDown() throws StoreException {
        if (down) {
            throw new StoreException(Reason.UNAVAILABLE, "no answer from ZooKeeper at test:2181");
        }
    }

    private final class Topologies implements TopologyStore {

        @Override
        public StoredTopology read() throws StoreException {
            synchronized (MemoryCluster.this) {
                rejectDown();
                return stored;
            }
        }

        @Override
        public StoredTopology replace(StoredTopology before, Topology after) throws StoreException {
            synchronized (MemoryCluster.this) {
                if (downAfterNextWrite) {
                    down = true;
                }
                rejectDown();
                if (!leads) {
                    throw new StoreException(Reason.NOT_LEADER, "another manager leads");
                }
                if (intruder != null && intrusions-- > 0) {
                    with(intruder.at(stored.topology().epoch() + 1, TERM));
                }
                if (before.version() != stored.version()) {
                    throw new StoreException(Reason.CHANGED_MEANWHILE, "somebody else has written");
                }
                with(after.at(before.topology().epoch() + 1, TERM));
                if (answersOfWritesAreLost) {
                    throw new StoreException(Reason.UNAVAILABLE, "connection loss");
                }
                return stored;
            }
        }

        @Override
        public StoredTopology replace(StoredTopology before, Topology after, HistoryEntry why) throws StoreException {
            synchronized (MemoryCluster.this) {
                if (historyDown) {
                    throw new StoreException(Reason.UNAVAILABLE, "connection loss");
                }
                try {
                    StoredTopology written = replace(before, after);
                    history.addFirst(why);
                    return written;
                } catch (StoreException e) {
                    if (e.reason() == Reason.UNAVAILABLE && answersOfWritesAreLost) {
                        history.addFirst(why);
                    }
                    throw e;
                }
            }
        }

        @Override
        public StoredTopology endFreezes(StoredTopology before, Set<String> handoffs) throws StoreException {
            synchronized (MemoryCluster.this) {
                rejectDown();
                if (before.version() != stored.version()) {
                    throw new StoreException(Reason.CHANGED_MEANWHILE, "somebody else has written");
                }
                with(Freezes.ended(stored.topology(), handoffs)
                        .at(stored.topology().epoch() + 1, stored.topology().term()));
                return stored;
            }
        }
    }

    private final class Roster implements ProxyRoster {

        @Override
        public List<ProxyState> proxies() throws StoreException {
            synchronized (MemoryCluster.this) {
                rejectDown();
                return new ArrayList<>(proxies.values());
            }
        }

        @Override
        public void remove(String id) throws StoreException {
            synchronized (MemoryCluster.this) {
                rejectDown();
                proxies.remove(id);
                if (answersOfWritesAreLost) {
                    down = true;
                    throw new StoreException(Reason.UNAVAILABLE, "connection loss");
                }
            }
        }
    }

    private final class Book implements OrderBook {

        @Override
        public StoredOrders of(String handoff) throws StoreException {
            synchronized (MemoryCluster.this) {
                rejectDown();
                return orders.getOrDefault(handoff, StoredOrders.NONE);
            }
        }

        @Override
        public void replace(String handoff, StoredOrders before, Orders after) throws StoreException {
            synchronized (MemoryCluster.this) {
                rejectDown();
                if (!leads) {
                    throw new StoreException(Reason.NOT_LEADER, "another manager leads");
                }
                if (before.version() != of(handoff).version()) {
                    throw new StoreException(Reason.CHANGED_MEANWHILE, "somebody else has given orders");
                }
                orders.put(handoff, new StoredOrders(after, before.version() + 1));
            }
        }
    }

    private final class Log implements History {

        @Override
        public void add(HistoryEntry entry) throws StoreException {
            synchronized (MemoryCluster.this) {
                rejectDown();
                if (historyDown) {
                    throw new StoreException(Reason.UNAVAILABLE, "connection loss");
                }
                history.addFirst(entry);
            }
        }

        @Override
        public List<HistoryEntry> newest(int most) throws StoreException {
            synchronized (MemoryCluster.this) {
                rejectDown();
                return history.stream().limit(most).toList();
            }
        }
    }

    private final class Leader implements Leadership {

        @Override
        public boolean leads() {
            synchronized (MemoryCluster.this) {
                return leads;
            }
        }

        @Override
        public Optional<String> leaderUrl() {
            synchronized (MemoryCluster.this) {
                return Optional.ofNullable(otherLeader);
            }
        }

        @Override
        public long term() {
            synchronized (MemoryCluster.this) {
                return leads ? TERM : 0;
            }
        }
    }
}
