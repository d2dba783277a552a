package io.sluice.routing;

import io.sluice.routing.cluster.Shard;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.hash.SlotHash;
import io.sluice.routing.topology.PoolProtocol;
import io.sluice.routing.topology.ServerAddress;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** From a key to its server in a pool of a topology, whose slots alternate between the shards. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class RouterBenchmark {

    private static final int KEYS = 4_096;
    private static final long SEED = 20_261_121;

    @Param({"10", "500"})
    public int shards;

    private final byte[][] keys = new byte[KEYS][];
    private Router router;

    @Setup
    public void build() {
        int slots = SlotHash.REDIS_CLUSTER.slots();
        Map<String, Shard> all = new LinkedHashMap<>();
        for (int i = 0; i < shards; i++) {
            SlotSet owned = SlotSet.EMPTY;
            for (int slot = i; slot < slots; slot += shards) {
                owned = owned.with(SlotSet.range(slot, slot));
            }
            all.put("s" + i, new Shard("s" + i, ServerAddress.tcp("127.0.0.1", 7_000 + i), List.of(), owned));
        }
        router = Router.of(
                new SlotPool("alpha", PoolProtocol.REDIS, SlotHash.REDIS_CLUSTER, all, Map.of()).definition());
        Random random = new Random(SEED);
        for (int i = 0; i < KEYS; i++) {
            keys[i] = ("user:" + random.nextInt(100_000_000) + ":cart").getBytes(StandardCharsets.US_ASCII);
        }
    }

    @Benchmark
    @OperationsPerInvocation(KEYS)
    public int server() {
        int sum = 0;
        for (byte[] key : keys) {
            sum += router.serverIndex(key, 0, key.length);
        }
        return sum;
    }
}
