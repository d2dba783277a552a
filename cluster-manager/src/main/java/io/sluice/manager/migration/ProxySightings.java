package io.sluice.manager.migration;

import io.sluice.manager.store.ProxyState;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * When the heartbeats of proxies were first seen, by this process' own clock: nothing depends on the clock of anybody
 * else. Thread-safe; who reads and looks holds its monitor for both, so that no older reading comes after a newer one.
 */
public final class ProxySightings {

    /** A heartbeat that was seen, and when for the first time. */
    private record Sighting(String incarnation, int version, long nanos) {}

    private final Map<String, Sighting> sightings = new HashMap<>();
    private List<ProxyState> proxies = List.of();
    private long lastLook;

    /** Takes note of all proxies as they were read; {@code nanos} is a moment after that. */
    public synchronized void look(List<ProxyState> read, long nanos) {
        proxies = List.copyOf(read);
        lastLook = nanos;
        sightings.keySet().retainAll(read.stream().map(ProxyState::id).toList());
        for (ProxyState proxy : read) {
            Sighting before = sightings.get(proxy.id());
            if (before == null || !isSame(before, proxy)) {
                sightings.put(
                        proxy.id(), new Sighting(proxy.registration().incarnation(), proxy.heartbeatVersion(), nanos));
            }
        }
    }

    private static boolean isSame(Sighting before, ProxyState now) {
        return before.version() == now.heartbeatVersion()
                && before.incarnation().equals(now.registration().incarnation());
    }

    /** As of the last look. */
    public synchronized List<ProxyState> proxies() {
        return proxies;
    }

    /** For how long its newest heartbeat has been known at the last look: at least so long it has sent no other. */
    public synchronized Duration silence(ProxyState proxy) {
        @Nullable Sighting sighting = sightings.get(proxy.id());
        return sighting == null ? Duration.ZERO : Duration.ofNanos(lastLook - sighting.nanos());
    }
}
