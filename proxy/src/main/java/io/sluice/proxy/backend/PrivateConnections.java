package io.sluice.proxy.backend;

import io.sluice.proxy.metrics.PoolCounters;
import io.sluice.proxy.metrics.PoolMetric;
import io.sluice.proxy.transport.Loop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The private connections of one pool on one event loop: those that clients have, and a few that wait for one. Event-loop only. */
final class PrivateConnections {

    /** How many there may be, over all servers of the pool; who wants one more is told so. */
    static final int MOST_OPEN = 1000;

    /** How many to one server are kept for the next client. */
    static final int MOST_IDLE = 16;

    /** How long they are. */
    static final Duration LONGEST_IDLE = Duration.ofSeconds(60);

    private final Loop loop;
    private final PoolCounters counters;
    private final int mostOpen;
    private final Set<PrivateConnection> open = Collections.newSetFromMap(new IdentityHashMap<>());
    private final IdentityHashMap<Backend, Deque<PrivateConnection>> idle = new IdentityHashMap<>();

    PrivateConnections(Loop loop, PoolCounters counters, int mostOpen) {
        this.loop = loop;
        this.counters = counters;
        this.mostOpen = mostOpen;
    }

    /** One that is the caller's until it is released or closed; null if there are as many as may be. */
    @Nullable PrivateConnection lease(Backend backend) {
        PrivateConnection kept = idleOf(backend).pollLast();
        if (kept != null) {
            kept.onLeased();
            return kept;
        }
        if (open.size() >= mostOpen && !closeOneIdle()) {
            counters.count(PoolMetric.PRIVATE_REFUSED);
            return null;
        }
        PrivateConnection made = new PrivateConnection(this, backend);
        open.add(made);
        counters.count(PoolMetric.PRIVATE_OPENED);
        made.connect();
        return made;
    }

    /** Room for a server that is asked more than another. */
    private boolean closeOneIdle() {
        for (Deque<PrivateConnection> some : idle.values()) {
            PrivateConnection oldest = some.peekFirst();
            if (oldest != null) {
                oldest.close();
                return true;
            }
        }
        return false;
    }

    private Deque<PrivateConnection> idleOf(Backend backend) {
        return idle.computeIfAbsent(backend, any -> new ArrayDeque<>());
    }

    /** Nothing of its last client is left in it. Returns whether it is kept; else it is to be closed. */
    boolean giveBack(PrivateConnection connection) {
        Backend backend = connection.backend();
        Deque<PrivateConnection> waiting = idleOf(backend);
        if (backend.isLeaving() || backend.isClosing() || waiting.size() >= MOST_IDLE) {
            return false;
        }
        waiting.addLast(connection);
        long lease = connection.leases();
        loop.schedule(
                () -> {
                    if (connection.isIdleSince(lease)) {
                        connection.close();
                    }
                },
                LONGEST_IDLE);
        return true;
    }

    void onClosed(PrivateConnection connection) {
        if (open.remove(connection)) {
            counters.count(PoolMetric.PRIVATE_CLOSED);
            Deque<PrivateConnection> waiting = idleOf(connection.backend());
            waiting.remove(connection);
            if (waiting.isEmpty()) {
                idle.remove(connection.backend());
            }
        }
    }

    /** Those to one server on which a reply is due. */
    List<PrivateConnection> due(Backend backend) {
        return open.stream()
                .filter(one -> one.backend() == backend && one.isAnswerDue())
                .toList();
    }

    /** Whether a client has one to this server. */
    boolean isLeased(Backend backend) {
        return open.stream().anyMatch(one -> one.backend() == backend && one.isLeased());
    }

    void closeIdle(Backend backend) {
        List.copyOf(idleOf(backend)).forEach(PrivateConnection::close);
    }

    /** Those to one server, for good. */
    void close(Backend backend, String cause) {
        List.copyOf(open).stream().filter(one -> one.backend() == backend).forEach(one -> one.fail(cause));
    }

    /** All of them, for good. */
    void close(String cause) {
        List.copyOf(open).forEach(one -> one.fail(cause));
    }

    int size() {
        return open.size();
    }
}
