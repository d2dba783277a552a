package io.sluice.manager.migration;

import io.sluice.manager.store.StoreException;
import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.Topology;

/** Makes what moves the keys of a handoff; does not begin it. */
@FunctionalInterface
public interface Movers {

    Mover moverOf(SlotPool pool, Handoff handoff);

    /** Nothing is left to do for this handoff, and nothing of it has to be remembered. */
    default void forget(String handoff) {}

    /** Told now and then what is under way, by one thread: what was remembered for others may go. */
    default void tidy(Topology now) throws StoreException {}
}
