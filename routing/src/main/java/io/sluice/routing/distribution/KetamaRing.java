package io.sluice.routing.distribution;

import io.sluice.routing.hash.Md5;
import io.sluice.routing.topology.Server;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Weighted consistent hashing with the same points as twemproxy (hashkit/nc_ketama.c). The live servers alone make the
 * ring: when one leaves, the others' numbers of points are computed anew and may change.
 *
 * <pre>
 *   0 ──•──────•───•────────•── 2^32     a key belongs to the first point at or after its hash;
 *       beta   alpha beta   gamma        past the last one, to the first
 * </pre>
 *
 * <p>Lookup: the upper bits of a hash name a bucket, which says where among the sorted points to begin. There are at least
 * as many buckets as points, so a step or two is all.
 *
 * <p>twemproxy hashes names of more than 82 bytes together with what happens to lie behind its buffer of 86 bytes. That
 * cannot be copied; here the whole name is hashed.
 */
public final class KetamaRing implements Distribution {

    private static final int POINTS_PER_SERVER = 160;
    private static final int POINTS_PER_DIGEST = 4;

    /** Ascending as unsigned numbers. */
    private final int[] points;

    /** Whose point it is. */
    private final int[] owners;

    /** For each bucket the first point not before it. */
    private final int[] firstPoint;

    private final int bucketShift;

    private KetamaRing(int[] points, int[] owners) {
        this.points = points;
        this.owners = owners;
        int bits = Integer.SIZE - Integer.numberOfLeadingZeros(points.length);
        this.bucketShift = Integer.SIZE - bits;
        this.firstPoint = firstPoints(points, bits);
    }

    /** The ring of the live ones among the servers; at least one must be. */
    public static KetamaRing of(List<Server> servers, BitSet live) {
        long totalWeight = live.stream().mapToLong(i -> servers.get(i).weight()).sum();
        long[] entries = live.stream()
                .boxed()
                .flatMapToLong(index -> {
                    Server server = servers.get(index);
                    int digests = digests(server.weight(), totalWeight, live.cardinality());
                    return entries(server.name(), digests, index);
                })
                .sorted()
                .toArray();
        return new KetamaRing(
                Arrays.stream(entries).mapToInt(KetamaRing::point).toArray(),
                Arrays.stream(entries).mapToInt(KetamaRing::owner).toArray());
    }

    private static LongStream entries(String name, int digests, int owner) {
        return IntStream.range(0, digests)
                .mapToObj(i -> (name + "-" + i).getBytes(StandardCharsets.UTF_8))
                .flatMapToInt(text -> Arrays.stream(Md5.words(text)))
                .mapToLong(point -> entry(point, owner));
    }

    /**
     * A quarter of a server's number of points. All of it in 32-bit floats, but for one addition: with 25 equal servers, or
     * 47 or 50, rounding leaves each of them 39 instead of 40, and keys lie where that says.
     */
    static int digests(int weight, long totalWeight, int liveServers) {
        float share = (float) weight / (float) totalWeight;
        float digests = share * POINTS_PER_SERVER / POINTS_PER_DIGEST * (float) liveServers;
        return (int) Math.floor((float) (digests + 1e-10));
    }

    /** Sorts by the point, unsigned, then by the server. */
    private static long entry(int point, int owner) {
        return (Integer.toUnsignedLong(point) << (Integer.SIZE - 1)) | owner;
    }

    private static int point(long entry) {
        return (int) (entry >>> (Integer.SIZE - 1));
    }

    private static int owner(long entry) {
        return (int) entry & Integer.MAX_VALUE;
    }

    private static int[] firstPoints(int[] points, int bits) {
        int[] first = new int[1 << bits];
        int point = 0;
        for (int bucket = 0; bucket < first.length; bucket++) {
            while (point < points.length && points[point] >>> (Integer.SIZE - bits) < bucket) {
                point++;
            }
            first[bucket] = point;
        }
        return first;
    }

    @Override
    public int serverIndex(int hash) {
        return owners[pointIndex(hash)];
    }

    @Override
    public long position(int hash) {
        return Integer.toUnsignedLong(points[pointIndex(hash)]);
    }

    @Override
    public long positions() {
        return points.length;
    }

    private int pointIndex(int hash) {
        int i = firstPoint[hash >>> bucketShift];
        while (i < points.length && Integer.compareUnsigned(points[i], hash) < 0) {
            i++;
        }
        return i == points.length ? 0 : i;
    }
}
