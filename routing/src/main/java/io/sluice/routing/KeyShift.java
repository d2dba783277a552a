package io.sluice.routing;

import io.sluice.routing.config.PoolDefinition;
import io.sluice.routing.distribution.DistributionKind;
import io.sluice.routing.topology.Server;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** How much of the key space another definition of a pool gives to other servers, told apart by their names. */
public final class KeyShift {

    /** Keys that are looked up; the share is right to about half a percent. */
    private static final int SAMPLES = 1 << 15;

    private KeyShift() {}

    /** From 0 to 1: exact for slots, of a sample else. With random distribution every key is anywhere: 0. */
    public static double between(PoolDefinition before, PoolDefinition after) {
        if (before.distribution() == DistributionKind.RANDOM && after.distribution() == DistributionKind.RANDOM) {
            return 0;
        }
        return before.slotOwners().size() == after.slotOwners().size()
                        && !before.slotOwners().isEmpty()
                ? ofSlots(before, after)
                : ofSample(Router.of(before), Router.of(after));
    }

    /**
     * The names of the servers that have keys which the other definition gives to other servers; of a sample, so one that
     * gives away less than about one in 10 000 of all keys may be missing. With random distribution nobody gives any.
     */
    public static Set<String> givers(PoolDefinition before, PoolDefinition after) {
        Set<String> givers = new HashSet<>();
        if (before.distribution() == DistributionKind.RANDOM) {
            return givers;
        }
        Router old = Router.of(before);
        Router next = Router.of(after);
        for (int i = 0; i < SAMPLES; i++) {
            byte[] key = sample(i);
            String from = name(before.servers(), old.serverIndex(key, 0, key.length));
            String to = name(after.servers(), next.serverIndex(key, 0, key.length));
            if (from != null && !from.equals(to)) {
                givers.add(from);
            }
        }
        return givers;
    }

    private static byte[] sample(int number) {
        return ("key:" + number).getBytes(StandardCharsets.US_ASCII);
    }

    private static double ofSlots(PoolDefinition before, PoolDefinition after) {
        int moved = 0;
        for (int slot = 0; slot < before.slotOwners().size(); slot++) {
            if (!Objects.equals(
                    name(before.servers(), before.slotOwners().get(slot)),
                    name(after.servers(), after.slotOwners().get(slot)))) {
                moved++;
            }
        }
        return (double) moved / before.slotOwners().size();
    }

    private static double ofSample(Router before, Router after) {
        int moved = 0;
        for (int i = 0; i < SAMPLES; i++) {
            byte[] key = sample(i);
            String from = name(before.pool().servers(), before.serverIndex(key, 0, key.length));
            String to = name(after.pool().servers(), after.serverIndex(key, 0, key.length));
            if (!Objects.equals(from, to)) {
                moved++;
            }
        }
        return (double) moved / SAMPLES;
    }

    private static @Nullable String name(List<Server> servers, int index) {
        return index < 0 ? null : servers.get(index).name();
    }
}
