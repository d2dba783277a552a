package io.sluice.manager.migration.engine;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** A few of the keys that were copied, each with the same chance to be among them. Thread-safe. */
final class KeySample {

    static final int MOST = 100;

    private record Key(int database, KeyName name) {}

    private final SplittableRandom random;

    @GuardedBy("this") private final List<Key> kept = new ArrayList<>(MOST);

    @GuardedBy("this") private long seen;

    KeySample(SplittableRandom random) {
        this.random = random;
    }

    /** One more key was copied; keeps the bytes, perhaps. */
    synchronized void add(int database, byte[] key) {
        seen++;
        if (kept.size() < MOST) {
            kept.add(new Key(database, new KeyName(key)));
        } else if (random.nextLong(seen) < MOST) {
            kept.set(random.nextInt(MOST), new Key(database, new KeyName(key)));
        }
    }

    /** By database. */
    synchronized Map<Integer, List<byte[]>> keys() {
        Map<Integer, List<byte[]>> keys = new TreeMap<>();
        for (Key key : kept) {
            keys.computeIfAbsent(key.database, any -> new ArrayList<>()).add(key.name.bytes());
        }
        return keys;
    }
}
