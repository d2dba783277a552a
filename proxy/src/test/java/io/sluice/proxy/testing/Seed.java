package io.sluice.proxy.testing;

import java.util.SplittableRandom;

/**
 * Where a random test begins. A new one each time, printed, so that a failure can be run again with {@code
 * -Dsluice.seed=…}.
 */
public final class Seed {

    private final long value;

    private Seed(long value) {
        this.value = value;
    }

    /** Prints it with the name of the test. */
    public static Seed next(String test) {
        Seed seed = new Seed(Long.getLong("sluice.seed", System.nanoTime()));
        System.out.println(test + ": " + seed);
        return seed;
    }

    public SplittableRandom random() {
        return new SplittableRandom(value);
    }

    @Override
    public String toString() {
        return "sluice.seed=" + value;
    }
}
