package io.sluice.manager.migration.ring;

import io.sluice.manager.migration.engine.KeyFilter;
import io.sluice.routing.KeyShift;
import io.sluice.routing.Router;
import io.sluice.routing.cluster.RingPool;
import io.sluice.routing.config.PoolDefinition;
import io.sluice.routing.topology.ServerAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Who has a key while a ring changes, and who will have it. */
final class RingOwners {

    private final Router old;
    private final Router next;

    private RingOwners(Router old, Router next) {
        this.old = old;
        this.next = next;
    }

    /** Of a pool with a change. */
    static RingOwners of(RingPool pool) {
        return new RingOwners(
                Router.of(pool.definition()),
                Router.of(pool.nextDefinition().orElseThrow(() -> new IllegalStateException("Nothing changes"))));
    }

    /** The keys that come to this server from another one. */
    KeyFilter comingTo(ServerAddress server) {
        return key -> isAt(next, key, server) && !isAt(old, key, server);
    }

    /** The keys that this server gives to another one. */
    KeyFilter goingFrom(ServerAddress server) {
        return key -> isAt(old, key, server) && !isAt(next, key, server);
    }

    private static boolean isAt(Router ring, byte[] key, ServerAddress server) {
        return owner(ring.pool(), ring.serverIndex(key, 0, key.length))
                .filter(server::equals)
                .isPresent();
    }

    private static Optional<ServerAddress> owner(PoolDefinition pool, int index) {
        return index < 0
                ? Optional.empty()
                : Optional.of(pool.servers().get(index).address());
    }

    /** The old servers that give keys away; one that gives away hardly any may be missing. */
    List<ServerAddress> givers() {
        Set<String> names = KeyShift.givers(old.pool(), next.pool());
        return old.pool().servers().stream()
                .filter(server -> names.contains(server.name()))
                .map(server -> server.address())
                .toList();
    }

    List<ServerAddress> oldServers() {
        return addresses(old.pool());
    }

    List<ServerAddress> nextServers() {
        return addresses(next.pool());
    }

    private static List<ServerAddress> addresses(PoolDefinition pool) {
        return pool.servers().stream().map(server -> server.address()).toList();
    }
}
