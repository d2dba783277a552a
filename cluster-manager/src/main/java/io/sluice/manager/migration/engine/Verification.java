package io.sluice.manager.migration.engine;

import io.sluice.manager.migration.engine.MaintenanceConnection.Purpose;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * Compares source and target once nobody writes to the moving keys: how many there are, and a sample of them by value and
 * expiry. Reads both servers once, by SCAN. Blocks its caller.
 */
public final class Verification {

    private static final int MOST_TOLD = 10;

    private final KeyFilter moving;
    private final EngineKind engine;
    private final int sampleSize;
    private final Random random;
    private final BooleanSupplier goOn;

    /**
     * @param moving which keys to compare
     * @param engine who copied them
     * @param sampleSize so many keys are compared by value, or all if there are fewer; 0 for counts only
     * @param seed which keys fall into the sample
     * @param goOn asked now and then; when false the comparison ends as incomplete
     */
    public Verification(KeyFilter moving, EngineKind engine, int sampleSize, long seed, BooleanSupplier goOn) {
        this.moving = moving;
        this.engine = engine;
        this.sampleSize = sampleSize;
        this.random = new Random(seed);
        this.goOn = goOn;
    }

    /**
     * What was compared.
     *
     * @param sourceKeys moving keys on the source, all databases
     * @param targetKeys moving keys on the target
     * @param sampled keys compared by value
     * @param differences a sentence each, at most some; a key is told by database, type and checksum of its name
     * @param error why it could not be finished, or null
     */
    public record Report(
            long sourceKeys,
            long targetKeys,
            int sampled,
            List<String> differences,
            @Nullable CopyFailure error) {

        public Report {
            differences = List.copyOf(differences);
        }

        public boolean isEqual() {
            return error == null && differences.isEmpty() && sourceKeys == targetKeys;
        }

        public Optional<CopyFailure> failure() {
            return Optional.ofNullable(error);
        }
    }

    private record Key(int database, KeyName name) {}

    public Report compare(RedisEndpoint source, RedisEndpoint target) {
        try (RedisLink from = RedisLink.open(source, Purpose.READ, readsOnly -> true);
                RedisLink to = RedisLink.open(target, Purpose.READ, readsOnly -> true)) {
            return compare(from, to);
        } catch (CopyException e) {
            return new Report(0, 0, 0, List.of(), e.failure());
        }
    }

    private Report compare(RedisLink source, RedisLink target) throws CopyException {
        List<Key> sample = new ArrayList<>();
        long sourceKeys = count(source, sample);
        long targetKeys = count(target, null);
        ValueComparison values = new ValueComparison(source, target, ClockSkew.measure(source, target), engine);
        List<String> differences = new ArrayList<>();
        for (Key key : sample) {
            check();
            values.difference(key.database, key.name.bytes())
                    .map(what -> "db " + key.database + ", key with CRC-32 " + checksum(key.name.bytes()) + ": " + what)
                    .filter(text -> differences.size() < MOST_TOLD)
                    .ifPresent(differences::add);
        }
        if (sourceKeys != targetKeys) {
            differences.add(
                    0, sourceKeys + " keys on " + source.endpoint() + ", " + targetKeys + " on " + target.endpoint());
        }
        return new Report(sourceKeys, targetKeys, sample.size(), differences, null);
    }

    /** Counts each key once, and fills the sample so that every key has the same chance. */
    private long count(RedisLink link, @Nullable List<Key> sample) throws CopyException {
        long count = 0;
        for (int database : new TreeSet<>(link.info("keyspace").databases())) {
            Set<Long> seen = new HashSet<>();
            KeyScan scan = new KeyScan(link, moving, database);
            while (scan.hasNext()) {
                check();
                for (byte[] name : scan.next()) {
                    if (seen.add(fingerprint(name))) {
                        count++;
                        draw(sample, new Key(database, new KeyName(name)), count);
                    }
                }
            }
        }
        return count;
    }

    private void draw(@Nullable List<Key> sample, Key key, long count) {
        if (sample == null || sampleSize == 0) {
            return;
        }
        if (sample.size() < sampleSize) {
            sample.add(key);
        } else if (random.nextDouble() * count < sampleSize) {
            sample.set(random.nextInt(sampleSize), key);
        }
    }

    /** 64 bits of a name, FNV-1a: SCAN may return a key twice while its table shrinks. */
    private static long fingerprint(byte[] name) {
        long hash = 0xcbf29ce484222325L;
        for (byte next : name) {
            hash = (hash ^ (next & 0xff)) * 0x100000001b3L;
        }
        return hash;
    }

    private static String checksum(byte[] name) {
        CRC32 crc = new CRC32();
        crc.update(name);
        return Long.toHexString(crc.getValue());
    }

    private void check() throws CopyException {
        if (!goOn.getAsBoolean()) {
            throw new CopyException(CopyFailure.Kind.STOPPED, "The comparison was stopped before its end");
        }
    }
}
