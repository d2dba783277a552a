package io.sluice.proxy.conversation;

import io.sluice.proxy.backend.Backend;
import io.sluice.proxy.dispatch.SoleOwners.Place;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * All requests of one pool on one event loop that wait for data, in the order in which they came; and how to make them
 * let go of keys that are about to move. Event-loop only.
 */
public final class BlockedRequests {

    private final Set<BlockedRequest> all = new LinkedHashSet<>();
    private final Set<BlockedRequest> parting = new HashSet<>(); // their servers must let them go before it is parked
    private final IdentityHashMap<Backend, Deque<BlockedRequest>> lines = new IdentityHashMap<>();
    private final Set<Backend> advancing = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Consumer<Runnable> soon;
    private @Nullable Predicate<Place> parking;
    private @Nullable Runnable whenParked;
    private final Set<BlockedRequest> leaving = new LinkedHashSet<>(); // servers that have let go of none of them yet
    private final List<Runnable> whenLeft = new ArrayList<>();

    /** @param soon runs a task in a later turn of the event loop */
    BlockedRequests(Consumer<Runnable> soon) {
        this.soon = soon;
    }

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
        parting.clear();
        all.stream().filter(one -> !one.isParked() && places.test(one.place())).forEach(parting::add);
        List.copyOf(all).stream().filter(parting::contains).forEach(one -> one.cut(BlockedRequest.Cut.PARKED));
        lookWhetherParked();
        List.copyOf(all).stream()
                .filter(one -> one.isParked() && !places.test(one.place()))
                .forEach(BlockedRequest::goOn);
    }

    /**
     * They wait again, for the rest of their time, at the servers that have their keys now: in the order in which they
     * came, which is the order in which servers serve them.
     */
    public void thaw() {
        parking = null;
        whenParked = null;
        parting.clear();
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
        onParted(request);
        onLeft(request);
    }

    boolean isParking(Place place) {
        return parking != null && parking.test(place);
    }

    void onParked(BlockedRequest request) {
        onParted(request);
        onLeft(request);
        if (!isParking(request.place())) {
            request.goOn();
        }
    }

    private void onParted(BlockedRequest request) {
        if (parting.remove(request)) {
            lookWhetherParked();
        }
    }

    private void lookWhetherParked() {
        Runnable then = whenParked;
        if (then != null && parting.isEmpty()) {
            whenParked = null;
            then.run();
        }
    }

    // ---- in line

    /** Whether some who came before have not yet been sent to a server to which they return. */
    boolean isLineAt(Backend server) {
        return lines.containsKey(server);
    }

    /** It is sent after those who stand there already; whoever is sent, or will not be, must {@link #leaveLine}. */
    void standInLine(Backend server, BlockedRequest request) {
        lines.computeIfAbsent(server, any -> new ArrayDeque<>()).addLast(request);
    }

    void leaveLine(Backend server, BlockedRequest request) {
        Deque<BlockedRequest> line = lines.get(server);
        if (line != null && line.remove(request)) {
            advance(server);
        }
    }

    /**
     * Sends those in front whose connections are ready, in a turn of its own: connections that became ready in this one are
     * flushed at its end in the order in which they did, whatever is written to them.
     */
    void advance(Backend server) {
        if (advancing.add(server)) {
            soon.accept(() -> sendFirst(server));
        }
    }

    private void sendFirst(Backend server) {
        advancing.remove(server);
        Deque<BlockedRequest> line = lines.get(server);
        while (line != null && !line.isEmpty() && line.getFirst().mayBeWritten()) {
            line.removeFirst().write();
        }
        if (line != null && line.isEmpty()) {
            lines.remove(server);
        }
    }
}
