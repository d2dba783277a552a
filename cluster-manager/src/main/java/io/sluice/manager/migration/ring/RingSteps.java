package io.sluice.manager.migration.ring;

import io.sluice.routing.cluster.RingChange;

/** What is next for changes of one kind. Blocks for nothing: what takes its time at servers is an {@link Errand}. */
interface RingSteps {

    /** For a change whose state all proxies serve by. */
    RingStep next(RingChange change);
}
