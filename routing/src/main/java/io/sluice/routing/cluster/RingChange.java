package io.sluice.routing.cluster;

import io.sluice.routing.topology.Server;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * A ring on its way to other servers.
 *
 * @param id unique in the cluster for ever
 * @param next all servers that the ring will have, in ring order: who owns which key follows from them
 * @param back whether it is on its way back: then {@code next} are the servers it had at first
 * @param turning whether it is to go back as soon as its state allows
 * @param since the epoch that entered the state
 * @param entered when that was, by the clock of the manager who did: for display, and for the end of the window
 * @param lease how long a proxy may serve keys whose owner differs after a heartbeat that reached the quorum; of caches
 *     only: a proxy that brokers messages is waited for
 * @param window how long {@link RingChangeState#WINDOW} lasts
 * @param grace for brokers, how long old must have had nothing; for caches, how long {@link RingChangeState#CLOSING} lasts
 */
public record RingChange(
        String id,
        Kind kind,
        RingChangeState state,
        List<Server> next,
        boolean back,
        boolean turning,
        long since,
        Instant entered,
        Duration lease,
        Duration window,
        Duration grace) {

    /** What the servers are to their users. */
    public enum Kind {
        /** A value may be gone at any time; one that is there is the newest. */
        CACHE("cache"),
        /** Queues: nothing is lost or comes twice, and what came first goes first. */
        BROKER("broker");

        private final String word;

        Kind(String word) {
            this.word = word;
        }

        /** As documents and people write it. */
        public String word() {
            return word;
        }
    }

    /** How long old and new are both asked, unless the change says otherwise. */
    public static final Duration WINDOW = Duration.ofHours(1);

    /** A day; whatever has not been asked for since then is no loss. */
    public static final Duration MAX_WINDOW = Duration.ofDays(1);

    /** How long a queue's old server must have been empty, unless the change says otherwise. */
    public static final Duration BROKER_GRACE = Duration.ofSeconds(30);

    /**
     * The longest time for which a proxy may leave a mark on a new owner instead of a value, in memcached's seconds.
     * CLOSING lasts longer, so that nobody meets one who would take it for a value.
     */
    public static final Duration MARK_LIFE = Duration.ofSeconds(5);

    /** How long CLOSING lasts at least. */
    public static final Duration CLOSING = Duration.ofSeconds(10);

    public static final Duration MAX_GRACE = Duration.ofHours(1);

    public RingChange {
        next = List.copyOf(next);
    }

    /** One that begins with the epoch {@code since}. */
    public static RingChange begin(
            String id, Kind kind, List<Server> next, long since, Instant now, Duration window, Duration grace) {
        List<Server> sorted = next.stream().sorted(Server.RING_ORDER).toList();
        return new RingChange(
                id, kind, RingChangeState.PREPARE, sorted, false, false, since, now, Handoff.LEASE, window, grace);
    }

    /** The same in another state, from the epoch {@code epoch} on. */
    public RingChange in(RingChangeState entering, long epoch, Instant now) {
        return new RingChange(id, kind, entering, next, back, turning, epoch, now, lease, window, grace);
    }

    /** The same, but to go back. */
    public RingChange asTurning() {
        return new RingChange(id, kind, state, next, back, true, since, entered, lease, window, grace);
    }

    /** The way back to these servers, in a state from which it can be gone. */
    public RingChange backTo(List<Server> first, RingChangeState entering, long epoch, Instant now) {
        return new RingChange(id, kind, entering, first, true, false, epoch, now, lease, window, grace);
    }
}
