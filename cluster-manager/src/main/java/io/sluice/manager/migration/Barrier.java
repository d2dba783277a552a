package io.sluice.manager.migration;

import io.sluice.manager.store.ProxyState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What must hold of every registered proxy before a step: it serves this epoch, or it can no longer serve an older one.
 *
 * @param epoch what they must serve
 * @param zxid the transaction that wrote it: a heartbeat of a later one reads that epoch or a newer
 * @param lease the one that held before this epoch; zero if there was none, so that silence fences nobody
 */
public record Barrier(long epoch, long zxid, Duration lease) {

    /** Clocks of two machines do not differ more in speed. */
    private static final long CLOCK_PERCENT = 110;

    /** And so much more, for what is late. */
    private static final Duration MARGIN = Duration.ofMillis(200);

    /** After so much silence nobody serves by this lease any more. */
    public static Duration fencedAfter(Duration lease) {
        return lease.multipliedBy(CLOCK_PERCENT).dividedBy(100).plus(MARGIN);
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

    private boolean isAcknowledgedBy(ProxyState proxy) {
        return proxy.appliedEpoch() >= epoch;
    }

    private boolean isFenced(ProxyState proxy, ProxySightings sightings) {
        return !lease.isZero()
                && proxy.heartbeat().isPresent()
                && proxy.heartbeatZxid() < zxid
                && sightings.silence(proxy).compareTo(fencedAfter(lease)) >= 0;
    }

    private String reason(ProxyState proxy, Duration silence) {
        String refused = proxy.heartbeat()
                .filter(beat -> beat.refused() >= epoch)
                .map(beat -> ", and refuses it: " + beat.reason())
                .orElse("");
        String silent = silence.toSeconds() < 2 ? "" : ", silent for " + silence.toSeconds() + " s";
        return "proxy " + proxy.id() + " serves epoch " + proxy.appliedEpoch() + ", not " + epoch + refused + silent;
    }
}
