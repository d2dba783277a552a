package io.sluice.manager.migration.ring;

import io.sluice.manager.store.ProxyState;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * In which databases of its servers a pool's keys may be: those that its proxies use. As long as one of them does not say,
 * any.
 *
 * @param known empty if they may be in any
 */
record PoolDatabases(Optional<Set<Integer>> known) {

    static final PoolDatabases ANY = new PoolDatabases(Optional.empty());

    /** As these proxies say, which are all that are registered. */
    static PoolDatabases of(String pool, List<ProxyState> proxies) {
        Set<Integer> told = new TreeSet<>();
        for (ProxyState proxy : proxies) {
            Map<String, Integer> databases = proxy.registration().databases();
            if (databases.containsKey(pool)) {
                told.add(databases.get(pool));
            } else if (!proxy.isReadable() || proxy.registration().pools().containsKey(pool)) {
                return ANY;
            }
        }
        return told.isEmpty() ? ANY : new PoolDatabases(Optional.of(told));
    }

    boolean mayHave(int database) {
        return known.map(databases -> databases.contains(database)).orElse(true);
    }
}
