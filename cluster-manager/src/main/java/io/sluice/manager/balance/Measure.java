package io.sluice.manager.balance;

import java.util.Locale;

/** What is shared out among shards. */
public enum Measure {
    /** Each slot counts the same. */
    SLOTS,
    /** Bytes of the values, by MEMORY USAGE of a sample. */
    MEMORY,
    /** Keys, by a sample. */
    KEYS;

    /** As people write it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
