package io.sluice.routing.cluster;

/**
 * Slots that set out for another shard when it is their turn. Until then nothing of them is different: proxies pass it
 * over.
 *
 * @param id unique in the cluster for ever, that of the handoff that it becomes
 * @param slots owned by {@code from}
 */
public record WaitingMove(String id, SlotSet slots, String from, String to) {

    /** Whether it has to do with this shard. */
    public boolean concerns(String shard) {
        return from.equals(shard) || to.equals(shard);
    }
}
