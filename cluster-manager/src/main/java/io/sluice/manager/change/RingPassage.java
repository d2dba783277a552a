package io.sluice.manager.change;

import io.sluice.routing.cluster.RingChange;
import io.sluice.routing.cluster.RingPool;
import io.sluice.routing.distribution.DistributionKind;
import io.sluice.routing.topology.PoolProtocol;
import io.sluice.routing.topology.Server;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;

/**
 * That a ring gets its next servers step by step, under traffic, and not at once.
 *
 * @param id unlike that of any other change ever
 * @param window how long a cache asks both servers
 * @param grace how long a queue's old server must have had nothing
 * @param now when somebody asked for it
 */
public record RingPassage(String id, RingChange.Kind kind, Duration window, Duration grace, Instant now) {

    /** For caches. */
    public static RingPassage ofCache(String id, Duration window, Instant now) {
        return new RingPassage(id, RingChange.Kind.CACHE, window, RingChange.CLOSING, now);
    }

    /** For servers that broker messages. */
    public static RingPassage ofBroker(String id, Duration grace, Instant now) {
        return new RingPassage(id, RingChange.Kind.BROKER, RingChange.WINDOW, grace, now);
    }

    /** How people ask for it. */
    String options() {
        return switch (kind) {
            case CACHE -> " --window " + window.toSeconds() + "s (" + id + ")";
            case BROKER -> " --broker --grace " + grace.toSeconds() + "s (" + id + ")";
        };
    }

    /** The ring on its way to these servers. */
    RingPool begin(RingPool ring, Collection<Server> next, long epoch) throws ChangeRefusedException {
        if (ring.definition().distribution() == DistributionKind.RANDOM) {
            throw new ChangeRefusedException("pool '" + ring.name()
                    + "' spreads its keys at random: none of them has an owner that could change");
        }
        switch (kind) {
            case CACHE ->
                rejectUnless(
                        ring,
                        PoolProtocol.MEMCACHE,
                        "a window is for memcached. If it has nothing but lists that are queues, say so (ctl: --broker)."
                                + " For other keys of a ring there is no way under traffic yet");
            case BROKER ->
                rejectUnless(ring, PoolProtocol.REDIS, "queues are in Redis. For a cache use a window (ctl: --window)");
        }
        Instant moment = Instant.ofEpochMilli(now.toEpochMilli());
        return ring.withChange(RingChange.begin(id, kind, java.util.List.copyOf(next), epoch, moment, window, grace));
    }

    private static void rejectUnless(RingPool ring, PoolProtocol protocol, String why) throws ChangeRefusedException {
        if (ring.protocol() != protocol) {
            throw new ChangeRefusedException(
                    "pool '" + ring.name() + "' speaks " + ring.protocol().word() + "; " + why);
        }
    }

    /** One at a time: who owns a key must follow from two rings. */
    static RingPool atRest(RingPool ring) throws ChangeRefusedException {
        if (ring.underway().isPresent()) {
            throw new ChangeRefusedException("pool '" + ring.name() + "' is on its way to other servers already ("
                    + ring.underway().get().id() + "); wait for it, or abort it");
        }
        return ring;
    }
}
