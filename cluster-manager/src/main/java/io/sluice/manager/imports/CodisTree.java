package io.sluice.manager.imports;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What codis keeps of a product.
 *
 * @param groups by id
 * @param slots all 1024, by id; those that codis says nothing about have no group
 * @param dashboard where the dashboard is, or was when it ended without unlocking; empty if there is none
 * @param sentinelsOutOfSync the dashboard has changed them, and they have not been told
 * @param unreadable paths whose text is no JSON as codis writes it, each with what is wrong
 */
public record CodisTree(
        String product,
        Map<Integer, CodisGroup> groups,
        List<CodisSlot> slots,
        List<CodisProxy> proxies,
        List<String> sentinels,
        boolean sentinelsOutOfSync,
        String dashboard,
        List<String> unreadable) {

    /** Slots are a constant of codis. */
    public static final int SLOTS = 1024;

    public CodisTree {
        groups = Collections.unmodifiableMap(new TreeMap<>(groups));
        slots = List.copyOf(slots);
        proxies = List.copyOf(proxies);
        sentinels = List.copyOf(sentinels);
        unreadable = List.copyOf(unreadable);
    }
}
