package io.sluice.manager.migration;

import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.SlotPool;

/** Makes what moves the keys of a handoff; does not begin it. */
@FunctionalInterface
public interface Movers {

    Mover moverOf(SlotPool pool, Handoff handoff);
}
