package io.sluice.proxy.backend;

import io.sluice.proxy.protocol.ServerRole;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one connection knows of its server's role. Costs a request the look at one number, which stays 0 where nobody
 * asks. Event-loop only.
 *
 * <pre>
 *   socket opens ─▶ ROLE is asked, the number noted ─▶ "master"  the connection is good while the number stays
 *                                                   ─▶ "slave"   the number becomes odd, for all event loops
 *   -READONLY on a good connection ─▶ the number becomes odd; a new connection asks again
 * </pre>
 */
final class RoleCheck {

    private static final Logger log = LoggerFactory.getLogger(RoleCheck.class);

    private final Backend backend;
    private final PoolServer server;
    private final boolean asks;
    private int askedAt; // the server's number when it was asked
    private int seen; // the number that is known here

    RoleCheck(Backend backend) {
        this.backend = backend;
        this.server = backend.server();
        this.asks = backend.protocol().roleQuestion().length > 0;
    }

    /** Whether a new socket begins by asking. */
    boolean asks() {
        return asks;
    }

    /** Whether the server is a primary for all we know, and nothing has changed about that. One read. */
    boolean isUnchanged() {
        int now = server.roleChanges();
        return now == seen && !PoolServer.isReplica(now);
    }

    /** Whether it is a replica for all we know. */
    boolean isDemoted() {
        return server.isReplica();
    }

    /** The change is known here now. */
    void look() {
        seen = server.roleChanges();
    }

    /** The question goes out. */
    void onAsked() {
        askedAt = server.roleChanges();
    }

    /** Returns whether the connection is one to a primary, and nobody has heard otherwise meanwhile. */
    boolean onAnswer(ServerRole role, boolean inUse) {
        if (role == ServerRole.REPLICA) {
            if (inUse) { // else only the new address is that of a replica
                demoted(askedAt, "ROLE");
            }
            return false;
        }
        if (role == ServerRole.UNKNOWN && server.onRoleUnknown()) {
            log.warn(
                    "Server does not tell its role, taken for a primary: pool={} server={}",
                    backend.pool(),
                    backend.name());
        }
        boolean wasReplica = PoolServer.isReplica(askedAt);
        seen = server.promoted(askedAt);
        boolean stillTrue = seen == askedAt || (wasReplica && seen == askedAt + 1);
        if (wasReplica && stillTrue) {
            log.info("Server is a primary again: pool={} server={}", backend.pool(), backend.name());
        }
        return stillTrue;
    }

    /** It has refused a write, since it is a replica. One that does not tell its role is not doubted. */
    void onReadOnly() {
        if (asks && !server.isRoleUnknown()) {
            demoted(seen, "READONLY");
        }
    }

    private void demoted(int known, String how) {
        if (server.demoted(known)) {
            backend.onDemotion();
            log.warn(
                    "Server is a replica now, no request goes to it: pool={} server={} address={} seen_by={}",
                    backend.pool(),
                    backend.name(),
                    backend.address(),
                    how);
        }
    }
}
