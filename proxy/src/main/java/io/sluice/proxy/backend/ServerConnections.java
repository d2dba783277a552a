package io.sluice.proxy.backend;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections of one event loop to one server, and how one gives way to another. Event-loop only.
 *
 * <pre>
 *   SUCCESSOR ── ready ──▶ IN_USE ── another takes its place ──▶ RETIRED ── all answered, or too late ──▶ gone
 *   gets no request        gets requests                         answers those it has
 * </pre>
 */
final class ServerConnections {

    private static final Logger log = LoggerFactory.getLogger(ServerConnections.class);

    private final Backend backend;
    private final BackendConnection[] inUse;
    private final @Nullable BackendConnection[] successors;
    private final List<BackendConnection> retired = new ArrayList<>();
    private List<BackendConnection> all;

    ServerConnections(Backend backend, int count) {
        this.backend = backend;
        this.inUse = new BackendConnection[count];
        this.successors = new BackendConnection[count];
        for (int i = 0; i < count; i++) {
            inUse[i] = new BackendConnection(backend, BackendConnection.Standing.IN_USE);
        }
        this.all = List.of(inUse);
    }

    /** The one for a client. */
    BackendConnection of(long client) {
        return inUse.length == 1 ? inUse[0] : inUse[(int) Long.remainderUnsigned(client, inUse.length)];
    }

    /** Those in use. */
    List<BackendConnection> inUse() {
        return List.of(inUse);
    }

    /** Those in use, those to come and those that leave; does not change. */
    List<BackendConnection> all() {
        return all;
    }

    private void findAll() {
        List<BackendConnection> found = new ArrayList<>(List.of(inUse));
        for (BackendConnection successor : successors) {
            if (successor != null) {
                found.add(successor);
            }
        }
        found.addAll(retired);
        all = List.copyOf(found);
    }

    /** The server was a replica meanwhile: nothing goes over connections that were open then. */
    void replaceOutdated() {
        for (int i = 0; i < inUse.length; i++) {
            if (inUse[i].isOutdated()) {
                BackendConnection next = new BackendConnection(backend, BackendConnection.Standing.IN_USE);
                replace(i, next);
                next.connect();
            }
        }
    }

    /** The server's name has these addresses now: connections to others are replaced once a new one can be had. */
    void replaceUnlessAt(Set<InetAddress> addresses) {
        for (int i = 0; i < inUse.length; i++) {
            if (successors[i] == null && inUse[i].isReadyElsewhere(addresses)) {
                log.info(
                        "Server's name leads elsewhere now: pool={} server={} addresses={}",
                        backend.pool(),
                        backend.name(),
                        addresses);
                BackendConnection next = new BackendConnection(backend, BackendConnection.Standing.SUCCESSOR);
                successors[i] = next;
                findAll();
                next.connect();
            }
        }
    }

    /** A successor can be used. */
    void onReady(BackendConnection successor) {
        for (int i = 0; i < inUse.length; i++) {
            if (isAt(i, successor)) {
                successors[i] = null;
                replace(i, successor);
            }
        }
    }

    /** A successor could not be had: the connection in its place stays until the name is looked up again. */
    void onFailed(BackendConnection successor) {
        for (int i = 0; i < inUse.length; i++) {
            if (isAt(i, successor)) {
                successors[i] = null;
            }
        }
        findAll();
    }

    @SuppressWarnings("ReferenceEquality") // which one it is
    private boolean isAt(int index, BackendConnection successor) {
        return successors[index] == successor;
    }

    private void replace(int index, BackendConnection next) {
        BackendConnection former = inUse[index];
        inUse[index] = next;
        retired.add(former);
        findAll();
        former.retire();
    }

    /** One that had been retired is closed. */
    void onGone(BackendConnection former) {
        retired.remove(former);
        findAll();
    }
}
