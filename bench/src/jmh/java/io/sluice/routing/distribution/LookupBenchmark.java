package io.sluice.routing.distribution;

import io.sluice.routing.topology.Server;
import io.sluice.routing.topology.ServerAddress;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
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

/** From a hash to a server: the ketama ring and the table of fixed slots. The hashes are random, as those of keys are. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class LookupBenchmark {

    private static final int HASHES = 4_096;
    private static final long SEED = 20_261_121;

    @Param({"10", "500"})
    public int servers;

    private final int[] hashes = new Random(SEED).ints(HASHES).toArray();
    private KetamaRing ring;
    private SlotTable slots;

    @Setup
    public void build() {
        List<Server> all = new ArrayList<>();
        for (int i = 0; i < servers; i++) {
            all.add(new Server("server" + i, ServerAddress.tcp("127.0.0.1", 6_379), 1));
        }
        all.sort(Server.RING_ORDER);
        BitSet live = new BitSet();
        live.set(0, servers);
        ring = KetamaRing.of(all, live);
        int[] owners = new int[16_384];
        for (int slot = 0; slot < owners.length; slot++) {
            owners[slot] = slot % servers;
        }
        slots = SlotTable.of(owners);
    }

    @Benchmark
    @OperationsPerInvocation(HASHES)
    public int ketama() {
        int sum = 0;
        for (int hash : hashes) {
            sum += ring.serverIndex(hash);
        }
        return sum;
    }

    @Benchmark
    @OperationsPerInvocation(HASHES)
    public int slot() {
        int sum = 0;
        for (int hash : hashes) {
            sum += slots.serverIndex(hash);
        }
        return sum;
    }
}
