package io.sluice.proxy.dispatch;

import io.sluice.proxy.budget.BackendBudget.Waiter;
import io.sluice.proxy.budget.Room;
import io.sluice.proxy.metrics.PoolCounters;
import io.sluice.proxy.metrics.PoolMetric;
import io.sluice.routing.cluster.Handoff;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Clients whose next request waits for its slots, one place each. The request itself stays where it was read, and nothing
 * more is read of its client: so requests of a client stay in order, and what is held does not grow. Event-loop only.
 *
 * <pre>
 *   park ─▶ [ waits ] ─ woken ─▶ asks again ─┬▶ goes on
 *              ▲                             └▶ parks again, in the same place: its time goes on
 *              └─────────────────────────────────┘
 * </pre>
 */
final class Parking {

    /** How long a request may wait before its client gets an error. */
    static final Duration TIMEOUT = Duration.ofSeconds(10);

    /** Who has been woken comes again at once; whoever has not by then is gone. */
    private static final long GONE_AFTER_NANOS = Duration.ofSeconds(1).toNanos();

    private final PoolCounters counters;
    private final LongSupplier nanos;
    private final Map<Long, Place> places = new LinkedHashMap<>(); // who came first goes on first

    Parking(PoolCounters counters, LongSupplier nanos) {
        this.counters = counters;
        this.nanos = nanos;
    }

    boolean isEmpty() {
        return places.isEmpty();
    }

    /** A place for a client's request of so many bytes; the one it has, if it has one. */
    Room park(long client, int bytes, Handoff[] concerned) {
        Place place = places.get(client);
        if (place == null) {
            place = new Place(client, bytes, nanos.getAsLong());
            places.put(client, place);
            counters.count(PoolMetric.PARKED);
            counters.add(PoolMetric.PARKED_BYTES, bytes);
        }
        place.concerned = concerned;
        return place;
    }

    /** For how long the client's request has waited; 0 if it has not. */
    long waitedNanos(long client) {
        Place place = places.get(client);
        return place == null ? 0 : nanos.getAsLong() - place.since;
    }

    boolean isLate(long client) {
        return waitedNanos(client) >= TIMEOUT.toNanos();
    }

    /** The client's request waits no longer. */
    void leave(long client) {
        Place place = places.remove(client);
        if (place != null) {
            left(place);
        }
    }

    private void left(Place place) {
        counters.count(PoolMetric.UNPARKED);
        counters.add(PoolMetric.UNPARKED_BYTES, place.bytes);
    }

    /** All ask again, in the order in which they came. */
    void wakeAll() {
        for (Place place : List.copyOf(places.values())) {
            place.wake();
        }
    }

    /** Those ask again for whom the way is open. */
    void wakeIf(Predicate<Handoff[]> isOpen) {
        for (Place place : List.copyOf(places.values())) {
            if (isOpen.test(place.concerned)) {
                place.wake();
            }
        }
    }

    /** Those who have waited too long ask again, to hear of it. */
    void sweep() {
        long now = nanos.getAsLong();
        List<Place> late = new ArrayList<>();
        for (Iterator<Place> each = places.values().iterator(); each.hasNext(); ) {
            Place place = each.next();
            if (place.waiter == null && now - place.wokenAt >= GONE_AFTER_NANOS) {
                each.remove();
                left(place);
            } else if (now - place.since >= TIMEOUT.toNanos()) {
                late.add(place);
            }
        }
        late.forEach(Place::wake);
    }

    private final class Place implements Room {
        private final long client;
        private final int bytes;
        private final long since;
        private Handoff[] concerned = {};
        private long wokenAt;
        private @Nullable Waiter waiter;

        private Place(long client, int bytes, long since) {
            this.client = client;
            this.bytes = bytes;
            this.since = since;
            this.wokenAt = since;
        }

        private void wake() {
            Waiter woken = waiter;
            waiter = null;
            if (woken != null) {
                wokenAt = nanos.getAsLong();
                woken.onRoom();
            }
        }

        @Override
        public void await(Waiter newWaiter) {
            waiter = newWaiter;
        }

        @Override
        public void forget(Waiter former) {
            waiter = null;
            leave(client);
        }
    }
}
