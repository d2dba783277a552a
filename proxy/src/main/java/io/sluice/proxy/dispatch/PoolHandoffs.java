package io.sluice.proxy.dispatch;

import io.sluice.proxy.command.Command;
import io.sluice.proxy.protocol.Request;
import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.HandoffState;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.hash.SlotHash;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The slots of one version of a pool that are on their way, and which handoff each is in. Immutable, for all threads. */
public final class PoolHandoffs {

    static final Handoff[] NONE = {};

    /** No handoff can be called so. */
    private static final String NOBODY = "no handoff";

    private final SlotHash hash;
    private final Map<String, Handoff> byId;
    private final Handoff[][] bySlot; // one or none each, so that a request with one key needs no array of its own
    private final Handoff[] staying; // what slots are in that are not on their way
    private final Duration steadyLease;

    private PoolHandoffs(SlotPool pool, Duration steadyLease) {
        this.hash = pool.hash();
        this.byId = pool.handoffs();
        this.bySlot = new Handoff[hash.slots()][];
        this.steadyLease = steadyLease;
        this.staying = steadyLease.isZero() ? NONE : new Handoff[] {steady(pool, steadyLease)};
        Arrays.fill(bySlot, staying);
        for (Handoff handoff : byId.values()) {
            Handoff[] one = {handoff};
            for (int slot = handoff.slots().next(0);
                    slot >= 0;
                    slot = handoff.slots().next(slot + 1)) {
                bySlot[slot] = one;
            }
        }
    }

    /**
     * Null while no slot is on its way, unless the others need a lease as well.
     *
     * @param steadyLease of slots that are in no handoff; zero if they are served for ever
     */
    public static @Nullable PoolHandoffs of(@Nullable SlotPool pool, Duration steadyLease) {
        return pool == null || (pool.handoffs().isEmpty() && steadyLease.isZero())
                ? null
                : new PoolHandoffs(pool, steadyLease);
    }

    /** What all slots are in that are in no handoff: they stay, and are served as long as the lease is held. */
    private static Handoff steady(SlotPool pool, Duration lease) {
        return new Handoff(
                NOBODY,
                HandoffState.COPY,
                SlotSet.range(0, pool.hash().slots() - 1),
                "",
                "",
                lease,
                Handoff.FREEZE_BUDGET,
                0,
                0);
    }

    /** Whether that is no handoff, but what slots are in that stay where they are. */
    static boolean isSteady(Handoff handoff) {
        return handoff.id().equals(NOBODY);
    }

    /** Whether any slots are on their way. */
    boolean hasHandoffs() {
        return !byId.isEmpty();
    }

    /** Of slots that are in no handoff; zero if they are served for ever. */
    Duration steadyLease() {
        return steadyLease;
    }

    /** The same handoff as it is in this version; empty if it is not any more. */
    Optional<Handoff> now(Handoff then) {
        return Optional.ofNullable(byId.get(then.id()));
    }

    /** Servers whose slots wait. */
    public Set<String> frozenServers() {
        return byId.values().stream()
                .filter(handoff -> handoff.state() == HandoffState.FREEZE)
                .map(Handoff::from)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Whether some slots wait. */
    boolean isAnythingFrozen() {
        return byId.values().stream().anyMatch(handoff -> handoff.state() == HandoffState.FREEZE);
    }

    /** The handoff that a slot is in; none for a negative one. Not to be changed. */
    Handoff[] of(int slot) {
        return slot < 0 ? NONE : bySlot[slot];
    }

    /** The shortest lease of all. */
    Duration lease() {
        return byId.values().stream()
                .map(Handoff::lease)
                .min(Duration::compareTo)
                .orElse(Handoff.LEASE);
    }

    /**
     * Servers of which nothing may be awaited any more once this version is acknowledged: those whose slots wait, and
     * those of handoffs that are new. What was sent to the latter before has no {@link RelayCheck}, and nobody would keep
     * its reply back when the lease is lost.
     *
     * @param before the version that requests followed until now
     */
    public Set<String> serversToSettle(@Nullable PoolHandoffs before) {
        return byId.values().stream()
                .filter(handoff -> handoff.state() == HandoffState.FREEZE
                        || before == null
                        || before.now(handoff).isEmpty())
                .map(Handoff::from)
                .collect(Collectors.toUnmodifiableSet());
    }

    /**
     * The handoffs that a request's keys are in. Not to be changed.
     *
     * @param keys room for the numbers of all of its arguments
     * @param usualKey room for a key; one that is longer gets its own
     */
    Handoff[] of(Command command, Request request, int[] keys, byte[] usualKey) {
        if (command.keys().isSingle()) {
            return ofKey(request, command.keys().singleIndex(), usualKey);
        }
        int count = command.keys().locate(request, keys);
        if (byId.isEmpty()) {
            return count > 0 ? staying : NONE;
        }
        List<Handoff> found = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            for (Handoff handoff : ofKey(request, keys[i], usualKey)) {
                if (!found.contains(handoff)) {
                    found.add(handoff);
                }
            }
        }
        return found.isEmpty() ? NONE : found.toArray(Handoff[]::new);
    }

    private Handoff[] ofKey(Request request, int argument, byte[] usualKey) {
        int length = request.length(argument);
        if (length > RequestDispatcher.MAX_KEY_BYTES) {
            return NONE; // it will be refused
        }
        if (byId.isEmpty()) {
            return staying; // whichever its slot is
        }
        byte[] key = length <= usualKey.length ? usualKey : new byte[length];
        request.copy(argument, key);
        return bySlot[hash.slotOf(key, 0, length)];
    }
}
