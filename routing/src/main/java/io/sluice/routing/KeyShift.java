package io.sluice.routing;

import io.sluice.routing.config.PoolDefinition;
import io.sluice.routing.distribution.DistributionKind;
import io.sluice.routing.topology.Server;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
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
            byte[] key = ("key:" + i).getBytes(StandardCharsets.US_ASCII);
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
