package io.sluice.proxy.conversation;

import io.sluice.proxy.dispatch.SoleOwners.Place;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * All requests of one pool on one event loop that wait for data, in the order in which they came; and how to make them
 * let go of keys that are about to move. Event-loop only.
 */
public final class BlockedRequests {

    private final Set<BlockedRequest> all = new LinkedHashSet<>();
    private @Nullable Predicate<Place> parking;
    private @Nullable Runnable whenParked;
    private final Set<BlockedRequest> leaving = new LinkedHashSet<>(); // servers that have let go of none of them yet
    private final List<Runnable> whenLeft = new ArrayList<>();

    /**
     * Ends, at their servers, the waits for keys of which {@code places} is true, and keeps them and those that come
     * until {@link #thaw}. What servers give away meanwhile goes to the clients. It takes the place of what was parked
     * before.
     *
     * @param then run once no server waits for such keys any more, perhaps before this returns
     */
    public void park(Predicate<Place> places, Runnable then) {
        parking = places;
        whenParked = then;
        List.copyOf(all).stream()
                .filter(one -> places.test(one.place()))
                .filter(one -> !one.isParked())
                .forEach(one -> one.cut(BlockedRequest.Cut.PARKED));
        lookWhetherParked();
        List.copyOf(all).stream()
                .filter(one -> one.isParked() && !places.test(one.place()))
                .forEach(BlockedRequest::goOn);
    }

    /** They wait again, for the rest of their time, at the servers that have their keys now. */
    public void thaw() {
        parking = null;
        whenParked = null;
        List.copyOf(all).stream().filter(BlockedRequest::isParked).forEach(BlockedRequest::goOn);
    }

    public int size() {
        return all.size();
    }

    /**
     * The pool has changed: who waits at a server that has the keys no more goes to the one that has.
     *
     * @param then run once none of them waits there any more, perhaps before this returns
     */
    void follow(Runnable then) {
        List<BlockedRequest> moved =
                all.stream().filter(one -> one.isWaiting() && one.hasMoved()).toList();
        leaving.addAll(moved);
        whenLeft.add(then);
        moved.forEach(one -> one.cut(BlockedRequest.Cut.PARKED));
        lookWhetherLeft();
    }

    private void onLeft(BlockedRequest request) {
        leaving.remove(request);
        lookWhetherLeft();
    }

    private void lookWhetherLeft() {
        if (leaving.isEmpty() && !whenLeft.isEmpty()) {
            List<Runnable> due = List.copyOf(whenLeft);
            whenLeft.clear();
            due.forEach(Runnable::run);
        }
    }

    void add(BlockedRequest request) {
        all.add(request);
    }

    void remove(BlockedRequest request) {
        all.remove(request);
        onLeft(request);
        lookWhetherParked();
    }

    boolean isParking(Place place) {
        return parking != null && parking.test(place);
    }

    void onParked(BlockedRequest request) {
        onLeft(request);
        if (isParking(request.place())) {
            lookWhetherParked();
        } else {
            request.goOn();
        }
    }

    private void lookWhetherParked() {
        Runnable then = whenParked;
        if (then != null && all.stream().noneMatch(one -> !one.isParked() && isParking(one.place()))) {
            whenParked = null;
            then.run();
        }
    }
}
