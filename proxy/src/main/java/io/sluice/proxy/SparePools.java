package io.sluice.proxy;

import io.sluice.proxy.config.ProxyConfig.Pool;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Makes something of each pool, in such an order that a pool finds what was made of its spare pool. */
final class SparePools {

    /** What is made of a pool. */
    interface Maker<T> {
        /**
         * Makes it.
         *
         * @param spare what was made of the pool's spare pool; null if it has none
         */
        T make(int pool, @Nullable T spare);
    }

    private SparePools() {}

    /** In the order of {@code pools}. A spare pool has no spare pool itself. */
    static <T> List<T> forEach(List<Pool> pools, Maker<T> maker) {
        Map<String, T> made = new HashMap<>();
        for (int i = 0; i < pools.size(); i++) {
            if (pools.get(i).ejection().sparePool() == null) {
                made.put(pools.get(i).name(), maker.make(i, null));
            }
        }
        for (int i = 0; i < pools.size(); i++) {
            String spare = pools.get(i).ejection().sparePool();
            if (spare != null) {
                made.put(pools.get(i).name(), maker.make(i, made.get(spare)));
            }
        }
        return pools.stream()
                .map(pool -> Objects.requireNonNull(made.get(pool.name())))
                .toList();
    }
}
