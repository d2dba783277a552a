package io.sluice.manager.balance;

import io.sluice.manager.redis.RedisException;
import io.sluice.manager.redis.RedisLink;
import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.hash.SlotHash;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.Response;
import redis.clients.jedis.params.ScanParams;
import redis.clients.jedis.resps.ScanResult;

/**
 * What one server has. Redis knows how many keys it has and how much memory they take, but not of which slots: for that, some
 * of the keys are looked at, which SCAN gives in an order that has nothing to do with slots.
 */
final class ServerSample {

    /** No more keys are looked at on one server; that is about 50 ms of its time, in pieces. */
    static final int MAX_KEYS = 50_000;

    /** Nor for longer. */
    private static final Duration MAX_TIME = Duration.ofSeconds(8);

    private static final int KEYS_OF_A_SCAN = 500;
    private static final Pattern KEYSPACE = Pattern.compile("(?m)^db(\\d+):keys=(\\d+)");
    private static final Pattern DATASET = Pattern.compile("(?m)^used_memory_dataset:(\\d+)");
    private static final Pattern MEMORY = Pattern.compile("(?m)^used_memory:(\\d+)");

    private final long keys;
    private final long bytes;
    private final Map<Integer, Long> databases;
    private double @Nullable [] keysOfSlots;
    private double @Nullable [] bytesOfSlots;
    private long looked;

    private ServerSample(String info) {
        this.databases = databases(info);
        this.keys = databases.values().stream().mapToLong(Long::longValue).sum();
        this.bytes = number(DATASET, info).orElseGet(() -> number(MEMORY, info).orElse(0L));
    }

    /**
     * Asks.
     *
     * @param owned what belongs to the shard; other keys of the server are passed over
     * @param sampled whether keys are looked at
     */
    static ServerSample of(RedisLink link, SlotHash hash, SlotSet owned, boolean sampled) throws RedisException {
        ServerSample sample = new ServerSample(link.ask(Jedis::info));
        if (sampled) {
            sample.look(link, hash, owned);
        }
        return sample;
    }

    private static Map<Integer, Long> databases(String info) {
        Map<Integer, Long> databases = new LinkedHashMap<>();
        for (Matcher found = KEYSPACE.matcher(info); found.find(); ) {
            databases.put(Integer.valueOf(found.group(1)), Long.valueOf(found.group(2)));
        }
        return databases;
    }

    private static Optional<Long> number(Pattern pattern, String info) {
        Matcher found = pattern.matcher(info);
        return found.find() ? Optional.of(Long.valueOf(found.group(1))) : Optional.empty();
    }

    private void look(RedisLink link, SlotHash hash, SlotSet owned) throws RedisException {
        long end = System.nanoTime() + MAX_TIME.toNanos();
        double[] foundKeys = new double[hash.slots()];
        double[] foundBytes = new double[hash.slots()];
        for (Map.Entry<Integer, Long> database : databases.entrySet()) {
            long share = Math.max(KEYS_OF_A_SCAN, MAX_KEYS * database.getValue() / Math.max(1, keys));
            byte[] cursor = ScanParams.SCAN_POINTER_START_BINARY;
            long left = share;
            do {
                byte[] from = cursor;
                Batch batch = link.ask(jedis -> Batch.of(jedis, database.getKey(), from));
                batch.add(hash, owned, foundKeys, foundBytes);
                looked += batch.names().size();
                left -= batch.names().size();
                cursor = batch.scanned.getCursorAsBytes();
            } while (!isStart(cursor) && left > 0 && System.nanoTime() - end < 0);
        }
        keysOfSlots = foundKeys;
        bytesOfSlots = foundBytes;
    }

    private static boolean isStart(byte[] cursor) {
        return cursor.length == 1 && cursor[0] == '0';
    }

    /** Some keys, with what they take; 0 for one that is gone by now. */
    private record Batch(ScanResult<byte[]> scanned, List<Long> sizes) {

        List<byte[]> names() {
            return scanned.getResult();
        }

        /** Everything by one connection, because a new one is in database 0. */
        static Batch of(Jedis jedis, int database, byte[] cursor) {
            jedis.select(database);
            ScanResult<byte[]> scanned = jedis.scan(cursor, new ScanParams().count(KEYS_OF_A_SCAN));
            List<Response<Long>> asked = new ArrayList<>();
            Pipeline pipeline = jedis.pipelined();
            scanned.getResult().forEach(name -> asked.add(pipeline.memoryUsage(name)));
            pipeline.sync();
            List<Long> sizes = asked.stream()
                    .map(answer -> answer.get() == null ? (Long) 0L : answer.get())
                    .toList();
            return new Batch(scanned, sizes);
        }

        void add(SlotHash hash, SlotSet owned, double[] keys, double[] bytes) {
            for (int i = 0; i < names().size(); i++) {
                byte[] name = names().get(i);
                int slot = hash.slotOf(name, 0, name.length);
                if (owned.contains(slot)) {
                    keys[slot]++;
                    bytes[slot] += sizes.get(i);
                }
            }
        }
    }

    /** Adds what the slots of the shard have. */
    void addTo(double[] allKeys, double[] allBytes, SlotSet owned) {
        double[] foundKeys = keysOfSlots;
        double[] foundBytes = bytesOfSlots;
        double factor = looked == 0 ? 0 : Math.max(1, (double) keys / looked);
        for (int slot = owned.next(0); slot >= 0; slot = owned.next(slot + 1)) {
            allKeys[slot] = foundKeys == null ? (double) keys / owned.size() : foundKeys[slot] * factor;
            allBytes[slot] = foundBytes == null ? (double) bytes / owned.size() : foundBytes[slot] * factor;
        }
    }

    /** How the numbers came about. */
    String note() {
        if (keysOfSlots == null) {
            return keys + " keys; keys and bytes of slots are estimated, as if all its slots had the same";
        }
        return looked >= keys
                ? "all " + keys + " keys were looked at"
                : "estimated from " + looked + " of " + keys + " keys";
    }
}
