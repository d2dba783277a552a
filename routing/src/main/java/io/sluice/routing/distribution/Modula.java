package io.sluice.routing.distribution;

import io.sluice.routing.topology.Server;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * The hash modulo the total weight, as twemproxy has it (hashkit/nc_modula.c): each live server stands in a list as often
 * as its weight says. The list is kept as the places where each server's part ends.
 */
public final class Modula implements Distribution {

    private final int[] servers;
    private final long[] ends;
    private final long totalWeight;

    private Modula(int[] servers, long[] ends) {
        this.servers = servers;
        this.ends = ends;
        this.totalWeight = ends[ends.length - 1];
    }

    /** Over the live ones among the servers; at least one must be. */
    public static Modula of(List<Server> servers, BitSet live) {
        int[] indexes = live.stream().toArray();
        long[] ends = Arrays.stream(indexes)
                .mapToLong(index -> servers.get(index).weight())
                .toArray();
        Arrays.parallelPrefix(ends, Long::sum);
        return new Modula(indexes, ends);
    }

    @Override
    public int serverIndex(int hash) {
        long place = position(hash);
        int i = 0;
        while (ends[i] <= place) {
            i++;
        }
        return servers[i];
    }

    @Override
    public long position(int hash) {
        return Integer.toUnsignedLong(hash) % totalWeight;
    }

    @Override
    public long positions() {
        return totalWeight;
    }
}
