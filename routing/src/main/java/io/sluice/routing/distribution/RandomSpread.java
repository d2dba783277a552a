package io.sluice.routing.distribution;

import java.util.BitSet;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** Any live server, each as likely as the other; keys and weights do not matter. */
public final class RandomSpread implements Distribution {

    private final int[] servers;
    private final Supplier<? extends RandomGenerator> random;

    private RandomSpread(int[] servers, Supplier<? extends RandomGenerator> random) {
        this.servers = servers;
        this.random = random;
    }

    /** Over the live servers; at least one must be. The generator is asked for on the thread that uses it. */
    public static RandomSpread of(BitSet live, Supplier<? extends RandomGenerator> random) {
        return new RandomSpread(live.stream().toArray(), random);
    }

    @Override
    public int serverIndex(int hash) {
        return servers[random.get().nextInt(servers.length)];
    }
}
