package io.sluice.routing.cluster;

import io.sluice.routing.Router;
import io.sluice.routing.config.PoolDefinition;
import io.sluice.routing.topology.Server;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A pool whose ring is on its way to other servers: who owns a key before, and who after. Immutable, for all threads.
 *
 * <pre>
 *   servers   0 .. n-1   those of the ring before, by its own indexes
 *             n ..       those that only the ring after has
 * </pre>
 */
public final class TwoRings {

    private final RingPool pool;
    private final RingChange change;
    private final List<Server> servers;
    private final Router before;
    private final Router after;
    private final int[] numberOfAfter; // by the ring's own index

    private TwoRings(RingPool pool, RingChange change, PoolDefinition next) {
        this.pool = pool;
        this.change = change;
        this.before = Router.of(pool.definition());
        this.after = Router.of(next);
        List<Server> all = new ArrayList<>(pool.definition().servers());
        this.numberOfAfter = new int[next.servers().size()];
        for (int i = 0; i < numberOfAfter.length; i++) {
            numberOfAfter[i] = number(next.servers().get(i), all);
        }
        this.servers = List.copyOf(all);
    }

    /** The same server may have another weight. */
    private static int number(Server server, List<Server> all) {
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).name().equals(server.name()) && all.get(i).address().equals(server.address())) {
                return i;
            }
        }
        all.add(server);
        return all.size() - 1;
    }

    /** Empty where nothing is on its way. */
    public static Optional<TwoRings> of(RingPool pool) {
        RingChange change = pool.change();
        return change == null ? Optional.empty() : pool.nextDefinition().map(next -> new TwoRings(pool, change, next));
    }

    public RingChange change() {
        return change;
    }

    /** All of them, of either ring. */
    public List<Server> servers() {
        return servers;
    }

    /** The pool as it stands until the change is done, but with all servers of either ring. */
    public PoolDefinition withAllServers() {
        PoolDefinition rule = pool.definition();
        return new PoolDefinition(
                rule.name(), rule.hash(), rule.hashTag(), rule.distribution(), servers, rule.slotOwners());
    }

    /** The ring before, over its own servers. */
    public Router routerBefore() {
        return before;
    }

    /** The number of the server that owns the key until the change is done; -1 if none does. */
    public int before(byte[] key, int offset, int length) {
        return before.serverIndex(key, offset, length);
    }

    /** The number of the server that owns the key from then on; -1 if none does. */
    public int after(byte[] key, int offset, int length) {
        int index = after.serverIndex(key, offset, length);
        return index < 0 ? index : numberOfAfter[index];
    }

    /** Whether the key has another owner then. */
    public boolean moves(byte[] key, int offset, int length) {
        return before(key, offset, length) != after(key, offset, length);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TwoRings rings && rings.pool.equals(pool);
    }

    @Override
    public int hashCode() {
        return pool.hashCode();
    }

    @Override
    public String toString() {
        return pool.name() + " " + change.id() + " " + change.state();
    }
}
