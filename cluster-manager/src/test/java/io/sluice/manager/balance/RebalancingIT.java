package io.sluice.manager.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sluice.manager.balance.Proposal.Part;
import io.sluice.manager.migration.engine.CopyLimits;
import io.sluice.manager.redis.PoolLogins;
import io.sluice.routing.cluster.Shard;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.hash.SlotHash;
import io.sluice.routing.topology.PoolProtocol;
import io.sluice.routing.topology.ServerAddress;
import io.sluice.testing.FreePorts;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What real servers tell of their keys, and which moves come of that. */
class RebalancingIT {

    private static final int KEYS = 4_000;
    private static final SlotSet LOW = SlotSet.range(0, 8191);
    private static final SlotSet HIGH = SlotSet.range(8192, 16383);

    @RegisterExtension
    static final RedisServer first = RedisServer.onFreePort();

    @RegisterExtension
    static final RedisServer second = RedisServer.onFreePort();

    private final Rebalancing rebalancing =
            new Rebalancing(new ServerLoads(PoolLogins.NONE), CopyLimits.DEFAULTS.withKeysPerSecond(100));

    /** All keys on the first; a quarter of them, in its first slots, with large values; a key in another database. */
    @BeforeAll
    static void fill() throws Exception {
        try (RespClient client = first.connect()) {
            for (int i = 0; i < KEYS; i++) {
                String key = "key:" + i;
                byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
                int slot = SlotHash.REDIS_CLUSTER.slotOf(bytes, 0, bytes.length);
                if (LOW.contains(slot)) {
                    client.call("SET", key, "v".repeat(slot < 2048 ? 4_000 : 10));
                }
            }
            client.call("SELECT", "3");
            client.call("SET", "{key:1}other", "v");
        }
    }

    private static SlotPool pool(int secondPort) {
        Map<String, Shard> shards = new LinkedHashMap<>();
        shards.put("s1", new Shard("s1", ServerAddress.tcp("127.0.0.1", first.port()), List.of(), LOW));
        shards.put("s2", new Shard("s2", ServerAddress.tcp("127.0.0.1", secondPort), List.of(), HIGH));
        return new SlotPool("p", PoolProtocol.REDIS, SlotHash.REDIS_CLUSTER, shards, Map.of());
    }

    private Proposal propose(Measure measure) throws Exception {
        return rebalancing.propose(7, pool(second.port()), new Wish(measure, Map.of(), null), "m-1");
    }

    private static double keysThen(Proposal proposal, String shard) {
        Part part = proposal.parts().stream()
                .filter(found -> found.shard().equals(shard))
                .findFirst()
                .orElseThrow();
        return Objects.requireNonNull(part.thenLoad().keys());
    }

    @Test
    void byKeysBothHaveAsManyThen() throws Exception {
        Proposal proposal = propose(Measure.KEYS);

        assertThat(proposal.steps()).hasSize(1);
        assertThat(proposal.steps().get(0).move().from()).isEqualTo("s1");
        assertThat(proposal.steps().get(0).move().id()).isEqualTo("m-1-1");
        double half = keysThen(proposal, "s1");
        assertThat(keysThen(proposal, "s2")).isCloseTo(half, within(0.05 * half));
        assertThat(proposal.notes()).anyMatch(note -> note.matches("shard s1: all [0-9]+ keys were looked at"));
        assertThat(proposal.seconds()).as("at 100 keys a second").isCloseTo(half / 100, within(half / 1000));
    }

    @Test
    void byMemoryFewSlotsWithLargeValuesMove() throws Exception {
        Proposal byMemory = propose(Measure.MEMORY);

        assertThat(byMemory.steps()).hasSize(1);
        SlotSet moving = byMemory.steps().get(0).move().slots();
        assertThat(moving.size())
                .isLessThan(propose(Measure.KEYS).steps().get(0).move().slots().size() / 2);
        assertThat(LOW.containsAll(moving)).isTrue();
        assertThat(byMemory.steps().get(0).load().bytes()).isGreaterThan(1_000_000);
    }

    @Test
    void bySlotsNothingMovesAndTheServersNumbersAreSpreadEvenly() throws Exception {
        Proposal proposal = propose(Measure.SLOTS);

        assertThat(proposal.steps()).isEmpty();
        assertThat(keysThen(proposal, "s1")).isGreaterThan(1_500);
        assertThat(proposal.notes()).anyMatch(note -> note.contains("as if all its slots had the same"));
    }

    @Test
    void aServerThatIsAwayIsNamed() throws Exception {
        SlotPool pool = pool(FreePorts.next());

        Proposal bySlots = rebalancing.propose(7, pool, new Wish(Measure.SLOTS, Map.of("s2", 0), null), "m-1");
        assertThat(bySlots.steps()).hasSize(1);
        assertThat(bySlots.steps().get(0).load().keys()).isNull();
        assertThat(bySlots.seconds()).isNull();
        assertThat(bySlots.notes()).anyMatch(note -> note.matches("shard s2 .*: its keys and bytes are not known"));
        assertThatThrownBy(() -> rebalancing.propose(7, pool, new Wish(Measure.KEYS, Map.of(), null), "m-1"))
                .hasMessageStartingWith("by keys every server must tell what it has: shard s2 (127.0.0.1:");
    }
}
