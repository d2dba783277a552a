package io.sluice.routing;

import io.sluice.routing.config.PoolDefinition;
import io.sluice.routing.distribution.Distribution;
import io.sluice.routing.distribution.KetamaRing;
import io.sluice.routing.distribution.Modula;
import io.sluice.routing.distribution.RandomSpread;
import io.sluice.routing.distribution.SlotTable;
import io.sluice.routing.hash.HashTag;
import io.sluice.routing.hash.SlotHash;
import java.util.BitSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One pool's rule: which of its servers owns a key. Immutable, for all threads.
 *
 * <pre>
 *   key ──hash tag──▶ part ──hash──▶ 32 bits ──distribution──▶ server index, or -1
 * </pre>
 */
public final class Router {

    private static final int FNV_OFFSET = 0x811c9dc5;
    private static final int FNV_PRIME = 0x01000193;

    private final PoolDefinition pool;
    private final Supplier<? extends RandomGenerator> random;
    private final Distribution distribution;
    private final @Nullable HashTag hashTag;
    private final @Nullable SlotHash slotHash;

    private Router(PoolDefinition pool, Supplier<? extends RandomGenerator> random, BitSet live) {
        this.pool = pool;
        this.random = random;
        this.distribution = distribution(pool, random, live);
        this.hashTag = pool.hashTag();
        this.slotHash = slotHash(pool);
    }

    private static @Nullable SlotHash slotHash(PoolDefinition pool) {
        return switch (pool.distribution()) {
            case KETAMA, MODULA, RANDOM -> null;
            case SLOTS ->
                SlotHash.of(pool.slotOwners().size())
                        .orElseThrow(() -> new IllegalArgumentException("There are 1024 or 16384 slots, not "
                                + pool.slotOwners().size()));
        };
    }

    /** All servers live. */
    public static Router of(PoolDefinition pool) {
        return of(pool, ThreadLocalRandom::current);
    }

    /** For tests: with the generator that random distribution draws from, asked for at each use by the thread that uses it. */
    public static Router of(PoolDefinition pool, Supplier<? extends RandomGenerator> random) {
        BitSet all = new BitSet();
        all.set(0, pool.servers().size());
        return new Router(pool, random, all);
    }

    private static Distribution distribution(
            PoolDefinition pool, Supplier<? extends RandomGenerator> random, BitSet live) {
        if (live.isEmpty()) {
            return hash -> Distribution.NOBODY;
        }
        return switch (pool.distribution()) {
            case KETAMA -> KetamaRing.of(pool.servers(), live);
            case MODULA -> Modula.of(pool.servers(), live);
            case RANDOM -> RandomSpread.of(live, random);
            case SLOTS -> SlotTable.of(liveOwners(pool, live));
        };
    }

    /** A slot has no other owner: it is nobody's while its server is out. */
    private static int[] liveOwners(PoolDefinition pool, BitSet live) {
        return pool.slotOwners().stream()
                .mapToInt(owner -> owner >= 0 && live.get(owner) ? owner : Distribution.NOBODY)
                .toArray();
    }

    /**
     * The rule while only these servers are live, as twemproxy makes it when it ejects: the indexes stay, the ring is
     * built anew over the live ones. Slots of the others have no owner then.
     */
    public Router withLive(BitSet liveServers) {
        BitSet live = liveServers.get(0, pool.servers().size());
        return new Router(pool, random, live);
    }

    public PoolDefinition pool() {
        return pool;
    }

    /** The index among the pool's servers of the one that owns the key, or -1 when nobody who is live does. */
    public int serverIndex(byte[] key, int offset, int length) {
        long span = span(key, offset, length);
        return distribution.serverIndex(hash(key, HashTag.offset(span), HashTag.length(span)));
    }

    /**
     * A number from 0 to 255, spread evenly over the keys and without regard to their owners; keys with the same hash tag
     * have the same. Whoever moves keys by and by moves those below a rising limit.
     */
    public int spread(byte[] key, int offset, int length) {
        long span = span(key, offset, length);
        int hash = FNV_OFFSET;
        int end = HashTag.offset(span) + HashTag.length(span);
        for (int i = HashTag.offset(span); i < end; i++) {
            hash = (hash ^ key[i]) * FNV_PRIME;
        }
        hash ^= hash >>> 16; // as murmur ends: else the last byte alone would decide too much
        hash *= 0x85ebca6b;
        hash ^= hash >>> 13;
        hash *= 0xc2b2ae35;
        return (hash ^ hash >>> 16) & 0xff;
    }

    /** The same as {@link #serverIndex}, with all that led there. */
    public Route explain(byte[] key) {
        long span = span(key, 0, key.length);
        int hash = hash(key, HashTag.offset(span), HashTag.length(span));
        int index = distribution.serverIndex(hash);
        return new Route(
                printable(key, HashTag.offset(span), HashTag.length(span)),
                span != HashTag.wholeKey(0, key.length),
                Integer.toUnsignedLong(hash),
                distribution.position(hash),
                distribution.positions(),
                index == Distribution.NOBODY ? null : pool.servers().get(index));
    }

    /** The slot of a key; negative where keys have none. */
    public int slot(byte[] key, int offset, int length) {
        return slotHash == null ? -1 : slotHash.slotOf(key, offset, length);
    }

    private long span(byte[] key, int offset, int length) {
        if (slotHash != null) {
            return slotHash.span(key, offset, length);
        }
        return hashTag == null ? HashTag.wholeKey(offset, length) : hashTag.span(key, offset, length);
    }

    private int hash(byte[] part, int offset, int length) {
        if (slotHash != null) {
            return slotHash.hash(part, offset, length);
        }
        boolean noChoice = length == 0 || pool.servers().size() == 1; // twemproxy does not hash these either
        return noChoice ? 0 : pool.hash().hash(part, offset, length);
    }

    private static String printable(byte[] part, int offset, int length) {
        StringBuilder text = new StringBuilder(length);
        for (int i = offset; i < offset + length; i++) {
            boolean plain = part[i] >= ' ' && part[i] <= '~' && part[i] != '\\';
            text.append(plain ? String.valueOf((char) part[i]) : String.format("\\x%02x", part[i]));
        }
        return text.toString();
    }
}
