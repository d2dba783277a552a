package io.sluice.routing.cluster;

import java.time.Duration;

/**
 * Slots on their way from one shard to another.
 *
 * @param id unique in the cluster for ever
 * @param slots owned by {@code from} until {@link HandoffState#SWITCHED}, from then on by {@code to}
 * @param lease how long a proxy may serve these slots after a heartbeat that reached the quorum
 * @param freezeBudget how long {@link HandoffState#FREEZE} may last before it is aborted
 * @param copySince the epoch that began it
 * @param attempt how often it has been frozen so far
 * @param wholeServer whether its target becomes a copy of the source's server, and loses whatever else it has: until the
 *     switch nothing else may have to do with that shard
 */
public record Handoff(
        String id,
        HandoffState state,
        SlotSet slots,
        String from,
        String to,
        Duration lease,
        Duration freezeBudget,
        long copySince,
        int attempt,
        boolean wholeServer) {

    /** How long proxies may serve slots of a handoff without a heartbeat, unless it says otherwise. */
    public static final Duration LEASE = Duration.ofSeconds(3);

    /** How long a freeze may last, unless it says otherwise. */
    public static final Duration FREEZE_BUDGET = Duration.ofMillis(1500);

    /** One that copies keys, and leaves others on the target alone. */
    public Handoff(
            String id,
            HandoffState state,
            SlotSet slots,
            String from,
            String to,
            Duration lease,
            Duration freezeBudget,
            long copySince,
            int attempt) {
        this(id, state, slots, from, to, lease, freezeBudget, copySince, attempt, false);
    }

    /** One that begins with the epoch {@code copySince}. */
    public static Handoff begin(String id, SlotSet slots, String from, String to, long copySince) {
        return new Handoff(id, HandoffState.COPY, slots, from, to, LEASE, FREEZE_BUDGET, copySince, 0);
    }

    /** Entering FREEZE counts as an attempt. */
    public Handoff in(HandoffState next) {
        int attempts = next == HandoffState.FREEZE ? attempt + 1 : attempt;
        return new Handoff(id, next, slots, from, to, lease, freezeBudget, copySince, attempts, wholeServer);
    }

    /** The same by a copy of the whole server, or not. */
    public Handoff withWholeServer(boolean isWhole) {
        return new Handoff(id, state, slots, from, to, lease, freezeBudget, copySince, attempt, isWhole);
    }
}
