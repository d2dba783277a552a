package io.sluice.proxy.health;

import java.util.Arrays;
import java.util.BitSet;

/** Which share of its keys each server of a pool serves. Immutable. */
public final class Shares {

    /** All keys. */
    public static final int ALL = 256;

    private final int[] shares;

    private Shares(int[] shares) {
        this.shares = shares;
    }

    /** Copies {@code shares}, by server, each from 0 to {@link #ALL}. */
    public static Shares of(int... shares) {
        return new Shares(shares.clone());
    }

    /** Every server serves all of its keys. */
    public static Shares whole(int servers) {
        int[] shares = new int[servers];
        Arrays.fill(shares, ALL);
        return new Shares(shares);
    }

    public int servers() {
        return shares.length;
    }

    /** Of one server, from 0 to {@link #ALL}. */
    public int of(int server) {
        return shares[server];
    }

    public boolean areWhole() {
        return Arrays.stream(shares).allMatch(share -> share == ALL);
    }

    /** The servers whose share is larger than that. */
    public BitSet above(int share) {
        BitSet above = new BitSet(shares.length);
        for (int i = 0; i < shares.length; i++) {
            above.set(i, shares[i] > share);
        }
        return above;
    }

    @Override
    public String toString() {
        return Arrays.toString(shares);
    }
}
