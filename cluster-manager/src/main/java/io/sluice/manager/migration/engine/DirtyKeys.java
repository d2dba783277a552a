package io.sluice.manager.migration.engine;

import io.sluice.manager.migration.engine.CopyFailure.Kind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Keys that have to be copied again. Not thread-safe. */
final class DirtyKeys {

    private final int most;
    private final String advice;
    private Set<KeyName> keys = new HashSet<>();

    /** Holds up to {@code most}; with more the copy fails and says {@code advice}. */
    DirtyKeys(int most, String advice) {
        this.most = most;
        this.advice = advice;
    }

    /** Keeps the array. */
    void add(byte[] key) throws CopyException {
        keys.add(new KeyName(key));
        if (keys.size() > most) {
            throw new CopyException(Kind.OVERRUN, "More than " + most + " keys wait to be copied again: " + advice);
        }
    }

    boolean contains(byte[] key) {
        return keys.contains(new KeyName(key));
    }

    void remove(byte[] key) {
        keys.remove(new KeyName(key));
    }

    int size() {
        return keys.size();
    }

    boolean isEmpty() {
        return keys.isEmpty();
    }

    /** All of them; none are left. */
    List<byte[]> take() {
        List<byte[]> taken = new ArrayList<>(keys.size());
        keys.forEach(key -> taken.add(key.bytes()));
        keys = new HashSet<>();
        return taken;
    }
}
