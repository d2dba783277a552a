package io.sluice.manager.change;

import io.sluice.routing.cluster.Topology;
import io.sluice.routing.cluster.TopologyPool;
import java.util.ArrayList;
import java.util.List;

/**
 * Pools that come from another system, whole; those that are there already are not touched.
 *
 * @param source what people call where they come from
 * @param pools a topology with them; its epoch and term are passed over
 */
public record ImportPools(String source, Topology pools) implements TopologyChange {

    @Override
    public String title() {
        return "import " + source + " as " + String.join(", ", pools.pools().keySet());
    }

    @Override
    public Topology applyTo(Topology before) throws ChangeRefusedException {
        List<String> refusals = new ArrayList<>();
        Topology after = before;
        for (TopologyPool pool : pools.pools().values()) {
            if (before.pool(pool.name()).isPresent()
                    && !before.pool(pool.name()).get().equals(pool)) {
                refusals.add("there is a pool '" + pool.name() + "' already, and it is another: "
                        + PoolText.described(before.pool(pool.name()).get()) + "; expected another name, or remove it");
            }
            after = after.withPool(pool);
        }
        if (pools.hasHandoffs() || pools.hasRingChanges()) {
            refusals.add("something is on its way in it; expected a system at rest");
        }
        if (!refusals.isEmpty()) {
            throw new ChangeRefusedException(refusals);
        }
        return after;
    }
}
