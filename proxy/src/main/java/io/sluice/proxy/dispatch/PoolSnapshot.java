package io.sluice.proxy.dispatch;

import io.sluice.proxy.backend.Backend;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One version of a pool on one event loop: the rule that tells who owns a key, and the servers that the rule's numbers
 * mean. A request takes both from the same one. Replaced whole; event-loop only.
 */
public final class PoolSnapshot {

    private final long epoch;
    private final PoolRouting routing;
    private final Backend[] servers;
    private final @Nullable SparePool spare;
    private final @Nullable PoolHandoffs handoffs;
    private final @Nullable RingPassage passage;
    private final boolean atRest; // one look per request

    /** One without a spare pool. */
    public PoolSnapshot(long epoch, PoolRouting routing, List<Backend> servers) {
        this(epoch, routing, servers, null, null, null);
    }

    /**
     * @param epoch number of the configuration, which only rises
     * @param routing rule over these servers; which of them are in use may change
     * @param servers by the rule's indexes
     * @param spare whose servers stand in for those that are left out; null for none
     * @param handoffs slots that are on their way; null for none
     * @param passage where requests pass while the ring is on its way to other servers; null for none
     */
    public PoolSnapshot(
            long epoch,
            PoolRouting routing,
            List<Backend> servers,
            @Nullable SparePool spare,
            @Nullable PoolHandoffs handoffs,
            @Nullable RingPassage passage) {
        this.epoch = epoch;
        this.routing = routing;
        this.servers = servers.toArray(Backend[]::new);
        this.spare = spare;
        this.handoffs = handoffs;
        this.passage = passage;
        this.atRest = handoffs == null && passage == null;
    }

    /** The same, but that requests go their usual way. */
    public PoolSnapshot withoutPassage() {
        return new PoolSnapshot(epoch, routing, List.of(servers), spare, handoffs, null);
    }

    public long epoch() {
        return epoch;
    }

    /** Read once per request, and that one used throughout. */
    Owners owners() {
        return routing.current();
    }

    /** Why a key has no server, when none is ejected. */
    String whyNobody() {
        return routing.whyNobody();
    }

    /** Whether no key of it is on its way: nearly always, and then a request costs no more than finding that out. */
    boolean isAtRest() {
        return atRest;
    }

    /** Null while the ring, if it is one, stays as it is. */
    @Nullable RingPassage passage() {
        return passage;
    }

    /** Null while no slots are on their way. */
    @Nullable PoolHandoffs handoffs() {
        return handoffs;
    }

    boolean hasSlots() {
        return routing.hasSlots();
    }

    /** The slot of a key; negative where keys have none. */
    int slot(byte[] bytes, int offset, int length) {
        return routing.slot(bytes, offset, length);
    }

    @Nullable SparePool spare() {
        return spare;
    }

    Backend server(int index) {
        return servers[index];
    }

    int size() {
        return servers.length;
    }
}
