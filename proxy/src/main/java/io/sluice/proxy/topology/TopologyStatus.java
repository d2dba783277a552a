package io.sluice.proxy.topology;

import io.sluice.routing.cluster.Topology;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Which topology a proxy serves by, and what became of others.
 *
 * @param routed the one that new requests follow
 * @param since since when
 * @param applied the epoch that nothing under way is older than
 * @param refusal the newest document, if it cannot be served; null if it is
 * @param behind the epoch of the newest document, if that is older than what is served; else -1
 * @param deleted whether there is no document any more
 * @param changes topologies that came into force, but for the first
 * @param refusals documents that could not be served
 */
record TopologyStatus(
        Topology routed,
        Instant since,
        long applied,
        @Nullable Refusal refusal,
        long behind,
        boolean deleted,
        long changes,
        long refusals) {

    static final long NOT_BEHIND = -1;

    /**
     * A document that is not served.
     *
     * @param epoch its epoch, as far as that could be told
     * @param reason one line for each mistake
     */
    record Refusal(long epoch, String reason, Instant at) {}

    static TopologyStatus none() {
        return new TopologyStatus(Topology.NONE, Instant.now(), 0, null, NOT_BEHIND, false, 0, 0);
    }

    TopologyStatus starting(Topology first) {
        return new TopologyStatus(first, Instant.now(), applied, refusal, behind, deleted, changes, refusals);
    }

    TopologyStatus routing(Topology next) {
        return new TopologyStatus(next, Instant.now(), applied, null, NOT_BEHIND, false, changes + 1, refusals);
    }

    /** The newest document is the one that is served. */
    TopologyStatus current() {
        return new TopologyStatus(routed, since, applied, null, NOT_BEHIND, false, changes, refusals);
    }

    TopologyStatus settled(long epoch) {
        return new TopologyStatus(routed, since, Math.max(applied, epoch), refusal, behind, deleted, changes, refusals);
    }

    TopologyStatus refusing(Refusal next) {
        return new TopologyStatus(routed, since, applied, next, NOT_BEHIND, false, changes, refusals + 1);
    }

    TopologyStatus behind(long epoch) {
        return new TopologyStatus(routed, since, applied, null, epoch, false, changes, refusals);
    }

    TopologyStatus withoutDocument() {
        return new TopologyStatus(routed, since, applied, null, NOT_BEHIND, true, changes, refusals);
    }
}
