package io.sluice.manager.migration;

import io.sluice.manager.store.ProxyState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What must hold of every registered proxy before a step: it serves this epoch, or it can no longer serve an older one.
 *
 * @param epoch what they must serve
 * @param zxid the transaction that wrote it: a heartbeat of a later one reads that epoch or a newer
 * @param lease the one that held before this epoch; null for that which each proxy says it obeys for slots in no handoff
 */
public record Barrier(long epoch, long zxid, @Nullable Duration lease) {

    /** Clocks of two machines do not differ more in speed. */
    private static final long CLOCK_PERCENT = 110;

    /** And so much more, for what is late. */
    private static final Duration MARGIN = Duration.ofMillis(200);

    /** After so much silence nobody serves by this lease any more. */
    public static Duration fencedAfter(Duration lease) {
        return lease.multipliedBy(CLOCK_PERCENT).dividedBy(100).plus(MARGIN);
    }

    /** Earlier than this is every heartbeat. */
    private static final long ANY_ZXID = Long.MAX_VALUE;

    /**
     * Before slots may be frozen that were in no handoff before. Who obeys no lease for such slots is fenced by no silence.
     * Who does is, whichever epoch his last heartbeat has read: what he sent before the gap counts only if he still serves
     * by the same epoch after it.
     */
    static Barrier ofCopy(long epoch) {
        return new Barrier(epoch, ANY_ZXID, null);
    }

    /** Those who keep it from being complete, each with the reason; the look must be later than the epoch. */
    public List<String> waitsFor(ProxySightings sightings) {
        List<String> waiting = new ArrayList<>();
        for (ProxyState proxy : sightings.proxies()) {
            if (!isAcknowledgedBy(proxy) && !isFenced(proxy, sightings)) {
                waiting.add(reason(proxy, sightings.silence(proxy)));
            }
        }
        return waiting;
    }

    /** Those who are silent, but not for so long that they are fenced: they would make a freeze last. */
    static List<String> undecided(ProxySightings sightings, Duration fresh, Duration lease) {
        List<String> undecided = new ArrayList<>();
        for (ProxyState proxy : sightings.proxies()) {
            Duration silence = sightings.silence(proxy);
            if (silence.compareTo(fresh) > 0 && silence.compareTo(fencedAfter(lease)) < 0) {
                undecided.add("proxy " + proxy.id() + " is silent for " + silence.toMillis() + " ms");
            }
        }
        return undecided;
    }

    private boolean isAcknowledgedBy(ProxyState proxy) {
        return proxy.isReadable() && proxy.appliedEpoch() >= epoch;
    }

    private boolean isFenced(ProxyState proxy, ProxySightings sightings) {
        Duration obeyed = lease == null ? proxy.registration().steadyLease() : lease;
        return proxy.isReadable()
                && !obeyed.isZero()
                && proxy.heartbeat().isPresent()
                && proxy.heartbeatZxid() < zxid
                && sightings.silence(proxy).compareTo(fencedAfter(obeyed)) >= 0;
    }

    private String reason(ProxyState proxy, Duration silence) {
        if (!proxy.isReadable()) {
            return "proxy " + proxy.id() + " cannot be understood: " + proxy.unreadable();
        }
        String refused = proxy.heartbeat()
                .filter(beat -> beat.refused() >= epoch)
                .map(beat -> ", and refuses it: " + beat.reason())
                .orElse("");
        String silent = silence.toSeconds() < 2 ? "" : ", silent for " + silence.toSeconds() + " s";
        return "proxy " + proxy.id() + " serves epoch " + proxy.appliedEpoch() + ", not " + epoch + refused + silent;
    }
}
