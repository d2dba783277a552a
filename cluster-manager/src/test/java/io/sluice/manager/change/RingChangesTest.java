package io.sluice.manager.change;

import static io.sluice.manager.change.Changes.TWO_SHARDS;
import static io.sluice.manager.change.Changes.address;
import static io.sluice.manager.change.Changes.lines;
import static io.sluice.manager.change.Changes.refusal;
import static io.sluice.manager.change.Changes.warnings;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.routing.cluster.RingChange;
import io.sluice.routing.cluster.RingChangeState;
import io.sluice.routing.cluster.RingPool;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.topology.Server;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class RingChangesTest {

    private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
    private static final RingPassage CACHE = RingPassage.ofCache("r-1", Duration.ofMinutes(10), NOW);
    private static final RingPassage BROKER = RingPassage.ofBroker("r-2", Duration.ofSeconds(30), NOW);
    private static final Server GAMMA = new Server("gamma", address("10.0.0.9:11211"), 1);
    private static final AddRingServer ADD = new AddRingServer("pages", GAMMA, false, CACHE);

    private static RingPool ring(Topology topology) {
        return topology.ringPool("pages").orElseThrow();
    }

    private static RingChange change(Topology topology) {
        return ring(topology).underway().orElseThrow();
    }

    /** The change as it is when the manager has brought it to that state. */
    private static Topology in(RingChangeState state) throws ChangeRefusedException {
        Topology begun = ADD.applyTo(TWO_SHARDS);
        return begun.withPool(ring(begun).withChange(change(begun).in(state, 9, NOW)));
    }

    @Test
    void aCacheGetsAServerByAWindow() throws Exception {
        Topology after = ADD.applyTo(TWO_SHARDS);

        assertThat(ring(after).definition()).isEqualTo(ring(TWO_SHARDS).definition());
        assertThat(change(after).state()).isEqualTo(RingChangeState.PREPARE);
        assertThat(change(after).since()).isEqualTo(8);
        assertThat(change(after).next()).extracting(Server::name).containsExactly("beta", "alpha", "gamma");
        assertThat(lines(TWO_SHARDS, ADD))
                .hasSize(2)
                .satisfies(lines -> assertThat(lines.get(0))
                        .matches("\\+ pool pages: change r-1: 3\\d\\.\\d % of the keys get another server,"
                                + " by a cache window of 600 s"))
                .contains("+ pool pages: in the end, server gamma at 10.0.0.9:11211, weight 1");
        assertThat(warnings(TWO_SHARDS, ADD)).as("nothing is lost").isEmpty();
        assertThat(ADD.title()).isEqualTo("server add gamma to pages --window 600s (r-1)");
    }

    @Test
    void aServerIsDrainedByAWindowAsWell() throws Exception {
        DrainServer drain = new DrainServer("pages", "10.0.0.6:11211", CACHE);

        assertThat(change(drain.applyTo(TWO_SHARDS)).next())
                .extracting(Server::name)
                .containsExactly("alpha");
        assertThat(lines(TWO_SHARDS, drain))
                .contains("- pool pages: in the end, server beta at 10.0.0.6:11211, weight 1");
        assertThat(drain.title()).isEqualTo("server drain 10.0.0.6:11211 of pages --window 600s (r-1)");
    }

    @Test
    void queuesAreDrainedOnRedisOnly() throws Exception {
        DrainServer drain = new DrainServer("store", "beta", BROKER);

        Topology after = drain.applyTo(TWO_SHARDS);

        assertThat(after.ringPool("store").orElseThrow().underway().map(RingChange::kind))
                .contains(RingChange.Kind.BROKER);
        assertThat(warnings(TWO_SHARDS, drain)).singleElement().asString().contains("that are none of queues");
        assertThat(refusal(TWO_SHARDS, new DrainServer("pages", "beta", BROKER)))
                .contains("queues are in Redis");
        assertThat(refusal(TWO_SHARDS, new DrainServer("store", "beta", CACHE))).contains("a window is for memcached");
    }

    @Test
    void nothingElseChangesARingThatIsOnItsWay() throws Exception {
        Topology begun = ADD.applyTo(TWO_SHARDS);
        Server delta = new Server("delta", address("10.0.0.10:11211"), 1);
        RingPool other = ring(begun).withServers(List.of(delta));
        List<TopologyChange> others = List.of(
                new AddRingServer("pages", delta, true),
                new AddRingServer("pages", delta, false, CACHE),
                new RemoveServer("pages", "alpha", true),
                new DrainServer("pages", "alpha", CACHE),
                new RemovePool("pages", true),
                new ApplyDocument("f", begun.withPool(ring(begun).withoutChange()), true),
                new ApplyDocument("f", begun.withPool(other), true));

        assertThat(others).allSatisfy(each -> assertThat(refusal(begun, each)).contains("is on its way"));
        assertThat(refusal(TWO_SHARDS, new ApplyDocument("f", begun, true)))
                .contains("and not in the cluster: such changes are begun by their own commands");
        assertThat(lines(begun, new ApplyDocument("f", begun, true))).isEmpty();
    }

    @Test
    void itIsGoneAtOnceWhileNothingIsOnTheNewServers() throws Exception {
        AbortRingChange abort = new AbortRingChange("pages", "r-1", NOW);

        for (RingChangeState state : List.of(RingChangeState.PREPARE, RingChangeState.INVALIDATE)) {
            assertThat(ring(abort.applyTo(in(state)))).isEqualTo(ring(TWO_SHARDS));
            assertThat(lines(in(state), abort)).containsExactly("- pool pages: change r-1: the servers stay");
        }
    }

    @Test
    void itGoesBackStepByStepOnceValuesAreOnTheNewServers() throws Exception {
        AbortRingChange abort = new AbortRingChange("pages", "r-1", NOW);

        for (RingChangeState state : List.of(RingChangeState.WINDOW, RingChangeState.CLOSING)) {
            Topology after = abort.applyTo(in(state));
            assertThat(change(after).state()).isEqualTo(RingChangeState.INVALIDATE);
            assertThat(change(after).turning()).isTrue();
            assertThat(refusal(after, abort)).contains("is on its way back already");
            assertThat(lines(in(state), abort))
                    .containsExactly("~ pool pages: change r-1: " + state + " -> INVALIDATE, on its way back");
        }
        assertThat(refusal(TWO_SHARDS, abort)).contains("there is no change 'r-1' in pool 'pages'");
    }

    private static Topology queuesIn(RingChangeState state, boolean back) throws ChangeRefusedException {
        Topology begun = new DrainServer("store", "beta", BROKER).applyTo(TWO_SHARDS);
        RingPool store = begun.ringPool("store").orElseThrow();
        RingChange change = store.underway().orElseThrow();
        return begun.withPool(
                back
                        ? store.withServers(change.next())
                                .withChange(change.backTo(store.definition().servers(), state, 9, NOW))
                        : store.withChange(change.in(state, 9, NOW)));
    }

    @Test
    void queuesAreLeftAtOnceBeforeTheyTurnOnTheWayBackAsWell() throws Exception {
        AbortRingChange abort = new AbortRingChange("store", "r-2", NOW);

        for (RingChangeState state : List.of(RingChangeState.PREPARE, RingChangeState.SEALED)) {
            assertThat(abort.applyTo(queuesIn(state, false)).ringPool("store")).isEqualTo(TWO_SHARDS.ringPool("store"));
            RingPool after =
                    abort.applyTo(queuesIn(state, true)).ringPool("store").orElseThrow();
            assertThat(after.underway()).isEmpty();
            assertThat(after.definition().servers())
                    .as("those that it was to get")
                    .extracting(Server::name)
                    .doesNotContain("beta");
        }
        assertThat(refusal(queuesIn(RingChangeState.TURNING, true), abort))
                .contains("is on its way back already", "'ctl migrations' shows what it waits for");
    }

    @Test
    void queuesThatTurnAreEmptiedFirst() throws Exception {
        Topology begun = new DrainServer("store", "beta", BROKER).applyTo(TWO_SHARDS);
        RingPool store = begun.ringPool("store").orElseThrow();
        RingChange draining = store.underway().orElseThrow().in(RingChangeState.DRAINING, 9, NOW);

        Topology after = new AbortRingChange("store", "r-2", NOW).applyTo(begun.withPool(store.withChange(draining)));

        assertThat(after.ringPool("store").orElseThrow().underway()).contains(draining.asTurning());
    }

    @Test
    void aServerOfAnotherPoolIsWarnedOf() throws Exception {
        Server shared = new Server("shared", address("10.0.0.7:6379"), 1);

        assertThat(warnings(TWO_SHARDS, new AddRingServer("pages", shared, false, CACHE)))
                .singleElement()
                .asString()
                .contains("10.0.0.7:6379 would serve pool");
    }
}
