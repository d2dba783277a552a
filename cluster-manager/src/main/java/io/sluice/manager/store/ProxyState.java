package io.sluice.manager.store;

import io.sluice.routing.cluster.Heartbeat;
import io.sluice.routing.cluster.ProxyRegistration;
import java.time.Instant;
import java.util.Optional;

/**
 * A registered proxy.
 *
 * @param id its name, which stays over restarts
 * @param heartbeat the last one; empty if it has sent none yet
 * @param heartbeatVersion data version of its node; whoever waits compares it by a clock of his own
 * @param heartbeatZxid transaction that wrote it; grows over the whole of ZooKeeper
 * @param heartbeatAt when that was, by ZooKeeper's clock: for display
 * @param live whether its session with ZooKeeper is alive: a hint, for display
 * @param unreadable why what it wrote cannot be understood; empty if it can. What is not understood is left out here, so
 *     that whoever waits for an acknowledgement finds none
 */
public record ProxyState(
        String id,
        ProxyRegistration registration,
        Optional<Heartbeat> heartbeat,
        int heartbeatVersion,
        long heartbeatZxid,
        Instant heartbeatAt,
        boolean live,
        String unreadable) {

    /** One that is understood. */
    public ProxyState(
            String id,
            ProxyRegistration registration,
            Optional<Heartbeat> heartbeat,
            int heartbeatVersion,
            long heartbeatZxid,
            Instant heartbeatAt,
            boolean live) {
        this(id, registration, heartbeat, heartbeatVersion, heartbeatZxid, heartbeatAt, live, "");
    }

    /** Whether all that it wrote is understood. */
    public boolean isReadable() {
        return unreadable.isEmpty();
    }

    /** The epoch it serves; 0 if it has not said so in this incarnation. */
    public long appliedEpoch() {
        return heartbeat
                .filter(beat -> beat.incarnation().equals(registration.incarnation()))
                .map(Heartbeat::applied)
                .orElse(0L);
    }
}
