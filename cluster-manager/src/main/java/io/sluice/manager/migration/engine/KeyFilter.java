package io.sluice.manager.migration.engine;

import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.hash.SlotHash;

/** Which keys move. Must give the same answer for the same key every time, and may be called by any thread. */
@FunctionalInterface
public interface KeyFilter {

    boolean moves(byte[] key);

    /** Those that fall into some slots. */
    static KeyFilter slots(SlotHash hash, SlotSet slots) {
        return key -> slots.contains(hash.slotOf(key, 0, key.length));
    }

    /** All of them: for a whole server. */
    static KeyFilter everything() {
        return key -> true;
    }
}
