package io.sluice.manager.migration;

import io.sluice.manager.store.ProxyState;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * When the heartbeats of proxies were first seen, by this process' own clock: nothing depends on the clock of anybody
 * else. Thread-safe; nobody waits for the reading of anybody else, and one that a later one has overtaken is passed over.
 */
public final class ProxySightings {

    /** A heartbeat that was seen, and when for the first time. */
    private record Sighting(String incarnation, int version, long nanos) {}

    private final Map<String, Sighting> sightings = new HashMap<>();
    private List<ProxyState> proxies = List.of();
    private long lastLook;
    private long begun;
    private long taken;

    /** Somebody begins to read all proxies. Returns the number of that reading. */
    public synchronized long begin() {
        return ++begun;
    }

    /**
     * Takes note of all proxies as they were read; of nothing if those of a reading are known that has begun later.
     *
     * @param reading what {@link #begin} has returned before they were read
     * @param nanos a moment after that
     */
    public synchronized void look(long reading, List<ProxyState> read, long nanos) {
        if (reading <= taken) {
            return;
        }
        taken = reading;
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
