package io.sluice.proxy.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.routing.Router;
import io.sluice.routing.cluster.Shard;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.cluster.TopologyDocument;
import io.sluice.routing.hash.SlotHash;
import io.sluice.routing.topology.PoolProtocol;
import io.sluice.routing.topology.ServerAddress;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** 16384 slots over 500 shards, neighbours never together: the largest document there is, as figures. */
class LargeTopologyTest {

    private static final int SHARDS = 500;
    private static final int SLOTS = SlotHash.REDIS_CLUSTER.slots();
    private static final int COPIES = 20;
    private static final long NANOS_PER_MICRO = 1_000;

    private static Topology alternating() {
        Map<String, Shard> shards = new LinkedHashMap<>();
        for (int i = 0; i < SHARDS; i++) {
            String host = "10.0." + i / 250 + "." + (i % 250 + 1);
            SlotSet slots = SlotSet.EMPTY;
            for (int slot = i; slot < SLOTS; slot += SHARDS) {
                slots = slots.with(SlotSet.range(slot, slot));
            }
            ServerAddress replica = ServerAddress.tcp(host, 6380);
            shards.put("shard-" + i, new Shard("shard-" + i, ServerAddress.tcp(host, 6379), List.of(replica), slots));
        }
        SlotPool pool = new SlotPool("alpha", PoolProtocol.REDIS, SlotHash.REDIS_CLUSTER, shards, Map.of());
        return new Topology(4711, 17, Map.of("alpha", pool));
    }

    @Test
    void fitsIntoAZnodeAndIsReadAsItWasWritten() {
        Topology topology = alternating();
        byte[] document = TopologyDocument.bytes(topology);
        long[] parse = new long[COPIES];
        long[] build = new long[COPIES];
        List<Object> kept = new ArrayList<>();
        long before = heapBytes();
        for (int i = 0; i < COPIES; i++) {
            long begin = System.nanoTime();
            Topology read = TopologyDocument.parse("large", document);
            parse[i] = (System.nanoTime() - begin) / NANOS_PER_MICRO;
            begin = System.nanoTime();
            Router router = Router.of(read.pool("alpha").orElseThrow().definition());
            build[i] = (System.nanoTime() - begin) / NANOS_PER_MICRO;
            kept.add(List.of(read, router));
            assertThat(read).isEqualTo(topology);
        }
        long each = (heapBytes() - before) / kept.size();
        long first = parse[0];
        Arrays.sort(parse);
        Arrays.sort(build);

        System.out.println("FIGURE topology of " + SLOTS + " slots and " + SHARDS + " shards, alternating: bytes="
                + document.length + " parse_first=" + first + "us parse_median=" + parse[COPIES / 2]
                + "us router_median=" + build[COPIES / 2] + "us heap=" + each + " bytes");
        assertThat(document).hasSizeLessThan(TopologyDocument.MAX_BYTES / 2);
        assertThat(each).isLessThan(4_000_000);
    }

    private static long heapBytes() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
