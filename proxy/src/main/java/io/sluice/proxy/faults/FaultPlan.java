package io.sluice.proxy.faults;

import io.sluice.proxy.command.Arguments;
import io.sluice.proxy.command.Command;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The faults of one pool, of which the first that fits a request counts. Immutable. */
public final class FaultPlan {

    /** Which server owns a key. */
    public interface Owners {
        /** Whether the argument, a key, belongs to the server of this name. */
        boolean owns(String server, int argument);
    }

    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    private record Entry(Fault fault, Set<String> commands, byte[] prefix) {}

    private final List<Entry> entries = new ArrayList<>();

    FaultPlan(List<Fault> faults) {
        for (Fault fault : faults) {
            String prefix = fault.order().keyPrefix();
            entries.add(new Entry(
                    fault,
                    Set.copyOf(fault.order().commands()),
                    (prefix == null ? "" : prefix).getBytes(StandardCharsets.UTF_8)));
        }
    }

    /**
     * The fault that this request meets; null for none.
     *
     * @param keys arguments that are keys, in their first {@code count} elements
     */
    public @Nullable Fault meets(
            Command command,
            Arguments arguments,
            int[] keys,
            int count,
            Owners owners,
            RandomGenerator random,
            long nowNanos) {
        for (Entry entry : entries) {
            FaultOrder order = entry.fault.order();
            if (nowNanos - entry.fault.endNanos() < 0
                    && (entry.commands.isEmpty() || entry.commands.contains(command.name()))
                    && fitsKeys(entry, arguments, keys, count, owners)
                    && (order.percent() >= 100 || random.nextDouble() * 100 < order.percent())) {
                return entry.fault;
            }
        }
        return null;
    }

    private static boolean fitsKeys(Entry entry, Arguments arguments, int[] keys, int count, Owners owners) {
        String server = entry.fault.order().server();
        if (server == null && entry.prefix.length == 0) {
            return true;
        }
        for (int i = 0; i < count; i++) {
            if (startsWith(arguments, keys[i], entry.prefix) && (server == null || owners.owns(server, keys[i]))) {
                return true;
            }
        }
        return false;
    }

    private static boolean startsWith(Arguments arguments, int argument, byte[] prefix) {
        if (arguments.length(argument) < prefix.length) {
            return false;
        }
        for (int i = 0; i < prefix.length; i++) {
            if (arguments.byteAt(argument, i) != prefix[i]) {
                return false;
            }
        }
        return true;
    }
}
