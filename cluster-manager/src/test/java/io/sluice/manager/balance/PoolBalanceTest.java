package io.sluice.manager.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sluice.manager.change.ChangeRefusedException;
import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.Shard;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.cluster.WaitingMove;
import io.sluice.routing.hash.SlotHash;
import io.sluice.routing.topology.PoolProtocol;
import io.sluice.routing.topology.ServerAddress;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PoolBalanceTest {

    private static final int SLOTS = 16_384;

    /** Shards s1, s2 and so on with these slots. */
    private static SlotPool pool(String... owned) {
        Map<String, Shard> shards = new LinkedHashMap<>();
        for (int i = 1; i <= owned.length; i++) {
            SlotSet slots = SlotSet.parse(owned[i - 1], SLOTS).orElseThrow();
            shards.put("s" + i, new Shard("s" + i, ServerAddress.tcp("10.0.0." + i, 6379), List.of(), slots));
        }
        return new SlotPool("p", PoolProtocol.REDIS, SlotHash.REDIS_CLUSTER, shards, Map.of());
    }

    private static double[] ones() {
        double[] ones = new double[SLOTS];
        Arrays.fill(ones, 1);
        return ones;
    }

    private static List<String> steps(SlotPool pool, Wish wish, double[] costs) throws ChangeRefusedException {
        return PoolBalance.of(pool, wish).steps(costs).stream()
                .map(step -> step.from() + " -> " + step.to() + ": " + step.slots())
                .toList();
    }

    private static SlotPool after(SlotPool pool, List<SlotBalance.Step> steps) {
        SlotPool after = pool;
        for (SlotBalance.Step step : steps) {
            assertThat(after.shard(step.from()).orElseThrow().slots().containsAll(step.slots()))
                    .isTrue();
            after = after.withOwner(step.slots(), step.to());
        }
        return after;
    }

    private static Wish weights(Map<String, Integer> weights) {
        return new Wish(Measure.SLOTS, weights, null);
    }

    @Test
    void newShardsGetOneRangeEach() throws ChangeRefusedException {
        assertThat(steps(pool("0-8191", "8192-16383", "", ""), Wish.EVEN, ones()))
                .containsExactly("s1 -> s3: 0-4095", "s2 -> s4: 8192-12287");
    }

    @Test
    void whoHasItsShareKeepsIt() throws ChangeRefusedException {
        assertThat(steps(pool("0-8191", "8192-16383"), Wish.EVEN, ones())).isEmpty();
        assertThat(steps(pool("0-5461", "5462-10922", "10923-16383"), Wish.EVEN, ones()))
                .as("the one that is left over may lie anywhere")
                .isEmpty();
    }

    @Test
    void slotsFollowTheWeights() throws ChangeRefusedException {
        assertThat(steps(pool("0-8191", "8192-16383", ""), weights(Map.of("s1", 2)), ones()))
                .containsExactly("s2 -> s3: 8192-12287");
        assertThat(steps(pool("0-8191", "8192-16383"), weights(Map.of("s2", 0)), ones()))
                .containsExactly("s2 -> s1: 8192-16383");
    }

    @Test
    void aRangeThatFitsGoesAsAWholeRatherThanAPieceOfALongOne() throws ChangeRefusedException {
        assertThat(steps(pool("0-5999,12000-16095", "6000-7903"), Wish.EVEN, ones()))
                .containsExactly("s1 -> s2: 12000-16095");
    }

    @Test
    void aDrainedShardGivesToWhoHasLeast() throws ChangeRefusedException {
        assertThat(steps(pool("0-99", "100-399", "400-999"), Wish.without("s2"), ones()))
                .containsExactly("s2 -> s1: 100-399");
        assertThat(steps(pool("0-99", "100-999", "1000-1199"), Wish.without("s2"), ones()))
                .containsExactly("s2 -> s1: 100-599", "s2 -> s3: 600-999");
    }

    @Test
    void slotsWithoutKeysLeaveADrainedShardAsWell() throws ChangeRefusedException {
        double[] costs = new double[SLOTS];
        costs[7] = 10;
        costs[8] = 1_000;

        SlotPool pool = pool("0-99", "100-199", "");
        List<SlotBalance.Step> steps =
                PoolBalance.of(pool, new Wish(Measure.KEYS, Map.of(), "s1")).steps(costs);

        assertThat(after(pool, steps).shard("s1").orElseThrow().slots().isEmpty())
                .isTrue();
    }

    @Test
    void slotsWithoutKeysLeaveAShardToWhichNothingIsDueAndNeverGoToOne() throws ChangeRefusedException {
        double[] costs = new double[SLOTS];
        costs[7] = 10;
        costs[150] = 10;
        costs[151] = 4;
        SlotPool pool = pool("0-99", "100-199", "");

        SlotPool emptied = after(
                pool,
                PoolBalance.of(pool, new Wish(Measure.KEYS, Map.of("s1", 0), null))
                        .steps(costs));
        assertThat(emptied.shard("s1").orElseThrow().slots().isEmpty()).isTrue();

        SlotPool drained = after(
                pool,
                PoolBalance.of(pool, new Wish(Measure.KEYS, Map.of("s3", 0), "s1"))
                        .steps(costs));
        assertThat(drained.shard("s1").orElseThrow().slots().isEmpty()).isTrue();
        assertThat(drained.shard("s3").orElseThrow().slots().isEmpty())
                .as("nothing is due to it")
                .isTrue();
    }

    @Test
    void whatIsOnItsWayOrWaitsCountsAsArrivedAndIsLeftAlone() throws ChangeRefusedException {
        SlotPool pool = pool("0-8191", "8192-16383", "", "")
                .withHandoff(Handoff.begin("h-1", SlotSet.range(0, 4095), "s1", "s3", 1))
                .withWaiting(new WaitingMove("w-1", SlotSet.range(8192, 10239), "s2", "s4"));

        assertThat(steps(pool, Wish.EVEN, ones())).containsExactly("s2 -> s4: 10240-12287");
    }

    @Test
    void aShardThatIsDrainedTakesNoPart() throws ChangeRefusedException {
        SlotPool pool = pool("0-8191", "8192-16383", "");
        SlotPool draining = pool.withShard(pool.shard("s3").orElseThrow().withDraining(true));

        assertThat(steps(draining, Wish.EVEN, ones())).isEmpty();
        assertThatThrownBy(() -> PoolBalance.of(pool("0-99"), new Wish(Measure.SLOTS, Map.of("s7", 1, "s8", 2), "s1")))
                .hasMessage("""
                        a weight for 's7': there is no such shard in pool 'p'; there are: s1
                        a weight for 's8': there is no such shard in pool 'p'; there are: s1
                        pool 'p' has no shard that could take slots; add one with 'shard add', or give one a weight above 0""");
    }

    @Test
    void byKeysTheShardsHaveAboutAsManyAndFewSlotsMove() throws ChangeRefusedException {
        double[] costs = ones();
        Arrays.fill(costs, 0, 1000, 31); // the first slots are crowded
        SlotPool pool = pool("0-8191", "8192-16383");
        List<SlotBalance.Step> steps =
                PoolBalance.of(pool, new Wish(Measure.KEYS, Map.of(), null)).steps(costs);

        SlotPool after = after(pool, steps);
        double first = SlotLoads.sum(costs, after.shard("s1").orElseThrow().slots());
        double second = SlotLoads.sum(costs, after.shard("s2").orElseThrow().slots());
        assertThat(first).isCloseTo(second, within(0.02 * first));
        assertThat(steps).hasSize(1);
        assertThat(steps.get(0).slots().size()).isLessThan(500);
        assertThat(steps.get(0).slots().toString()).doesNotContain(",");
    }

    /** Whatever the shards own: the plan gives each what is due to it, and moves no slot that need not. */
    @Test
    void anyPoolIsLevelledWithTheFewestSlots() throws ChangeRefusedException {
        long seed = Long.getLong("sluice.seed", System.nanoTime());
        System.out.println("PoolBalanceTest: sluice.seed=" + seed);
        Random random = new Random(seed);
        for (int round = 0; round < 200; round++) {
            int count = 2 + random.nextInt(6);
            SlotPool pool = scattered(random, count);
            SlotPool after = after(pool, PoolBalance.of(pool, Wish.EVEN).steps(ones()));

            int owned = SLOTS - pool.unowned().size();
            int moved = 0;
            int tooMany = 0;
            for (Shard shard : pool.shards().values()) {
                int now = after.shard(shard.name()).orElseThrow().slots().size();
                assertThat(now).isBetween(owned / count, owned / count + 1);
                moved += shard.slots()
                        .without(after.shard(shard.name()).orElseThrow().slots())
                        .size();
                tooMany += Math.max(0, shard.slots().size() - now);
            }
            assertThat(moved).as("seed=%d", seed).isEqualTo(tooMany);
        }
    }

    private static SlotPool scattered(Random random, int count) {
        BitSet[] owned = new BitSet[count];
        Arrays.setAll(owned, i -> new BitSet());
        for (int slot = 0; slot < SLOTS; ) {
            int end = Math.min(SLOTS, slot + 1 + random.nextInt(3_000));
            owned[random.nextInt(count)].set(slot, end);
            slot = end + random.nextInt(2);
        }
        return pool(
                Arrays.stream(owned).map(slots -> SlotSet.of(slots).toString()).toArray(String[]::new));
    }

    @Test
    void slotsThatLieAloneAreLevelledInTime() throws ChangeRefusedException {
        BitSet even = new BitSet();
        BitSet odd = new BitSet();
        for (int slot = 0; slot < SLOTS; slot += 2) {
            even.set(slot);
            odd.set(slot + 1);
        }
        SlotPool pool = pool(SlotSet.of(even).toString(), SlotSet.of(odd).toString(), "");

        SlotPool after = after(pool, PoolBalance.of(pool, Wish.EVEN).steps(ones()));

        assertThat(after.shard("s3").orElseThrow().slots().size()).isBetween(5461, 5462);
    }
}
