package io.sluice.proxy.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.budget.Room;
import io.sluice.proxy.metrics.PoolMetric;
import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.HandoffState;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.hash.SlotHash;
import io.sluice.routing.topology.PoolProtocol;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which requests wait for a handoff, and for how long. */
class HandoffGateTest {

    private final GateScene scene = new GateScene();
    private final HandoffGate gate = scene.gate;
    private final TestLease lease = scene.lease;
    private final List<Runnable> timers = scene.timers;
    private final GateScene.Sink sink = scene.sink;

    @Test
    void onlyRequestsWithKeysInItsSlotsAreConcerned() {
        PoolHandoffs version = scene.use(HandoffState.COPY, 0);

        assertThat(scene.concerned(version, "GET foo")).hasSize(1);
        assertThat(scene.concerned(version, "GET {foo}:other")).hasSize(1);
        assertThat(scene.concerned(version, "GET bar")).isEmpty();
        assertThat(scene.concerned(version, "MGET bar foo {foo}x")).hasSize(1);
        assertThat(scene.concerned(version, "MGET bar baz")).isEmpty();
        assertThat(scene.concerned(version, "EVAL return 1 bar foo")).isEmpty(); // the number of keys is no number
    }

    @Test
    void aPoolWithoutHandoffsHasNone() {
        SlotPool pool = new SlotPool("alpha", PoolProtocol.REDIS, SlotHash.REDIS_CLUSTER, Map.of(), Map.of());

        assertThat(PoolHandoffs.of(pool, Duration.ZERO)).isNull();
        assertThat(PoolHandoffs.of(null, GateScene.STEADY)).isNull();
    }

    @Test
    void isOpenInAllStatesButFreezeWhileTheLeaseIsHeld() {
        assertThat(gate.isOpen(scene.concerned(scene.use(HandoffState.COPY, 0), "GET foo")))
                .isTrue();
        assertThat(gate.isOpen(scene.concerned(scene.use(HandoffState.FREEZE, 1), "GET foo")))
                .isFalse();
        assertThat(gate.isOpen(scene.concerned(scene.use(HandoffState.SWITCHED, 1), "GET foo")))
                .isTrue();

        lease.held = false;

        assertThat(gate.isOpen(scene.concerned(scene.use(HandoffState.COPY, 0), "GET foo")))
                .isFalse();
        assertThat(gate.isOpen(scene.concerned(scene.use(HandoffState.SWITCHED, 1), "GET foo")))
                .isFalse();
    }

    @Test
    void clientsGoOnInTheOrderInWhichTheyCame() {
        PoolHandoffs version = scene.use(HandoffState.FREEZE, 1);
        List<Long> woken = new ArrayList<>();
        for (long client : new long[] {5, 3, 4}) {
            park(version, client, () -> woken.add(client));
        }
        scene.runTimers();
        assertThat(woken).isEmpty();

        scene.use(HandoffState.COPY, 1);

        assertThat(woken).containsExactly(5L, 3L, 4L);
    }

    private @Nullable Room park(PoolHandoffs version, long client, Runnable onRoom) {
        Room place = gate.park(scene.concerned(version, "SET foo bar"), scene.request("SET foo bar"), client, sink);
        if (place != null) {
            place.await(onRoom::run);
        }
        return place;
    }

    @Test
    void whoWaitsForTheLeaseGoesOnWhenItIsHeldAgain() {
        PoolHandoffs version = scene.use(HandoffState.COPY, 0);
        lease.held = false;
        List<String> woken = new ArrayList<>();
        park(version, 1, () -> woken.add("1"));
        scene.runTimers();
        assertThat(woken).isEmpty();

        lease.held = true;
        scene.runTimers();

        assertThat(woken).containsExactly("1");
    }

    @Test
    void whoWaitsTooLongGetsAnErrorThatSaysSo() {
        PoolHandoffs version = scene.use(HandoffState.FREEZE, 1);
        List<String> woken = new ArrayList<>();
        park(version, 1, () -> woken.add("1"));
        scene.now += Parking.TIMEOUT.toNanos() - 1;
        scene.runTimers();
        assertThat(woken).isEmpty();

        scene.now += 1;
        scene.runTimers();
        assertThat(woken).containsExactly("1");
        Room place = park(version, 1, () -> woken.add("again"));

        assertThat(place).isNull();
        assertThat(sink.text)
                .hasToString(
                        "-ERR Slot moving: its slot is being handed over, handoff=h-1 from=a to=b waited=10000ms\r\n");
        assertThat(scene.counted(PoolMetric.PARK_TIMEOUTS)).isEqualTo(1);
        assertThat(scene.counted(PoolMetric.PARKED) - scene.counted(PoolMetric.UNPARKED))
                .isZero();
    }

    @Test
    void theTimeOfWhoParksAgainGoesOn() {
        PoolHandoffs version = scene.use(HandoffState.FREEZE, 1);
        park(version, 1, () -> {});
        scene.now += Parking.TIMEOUT.toNanos() / 2;
        scene.use(HandoffState.COPY, 1);
        PoolHandoffs again = scene.use(HandoffState.FREEZE, 2);
        park(again, 1, () -> {});

        scene.now += Parking.TIMEOUT.toNanos() / 2;

        assertThat(park(again, 1, () -> {})).isNull();
    }

    @Test
    void nothingIsCountedOfWhoHasGone() {
        PoolHandoffs version = scene.use(HandoffState.FREEZE, 1);
        Room closed = park(version, 1, () -> {});
        park(version, 2, () -> {}); // will be woken, and never come
        park(version, 3, () -> {});
        Objects.requireNonNull(closed).forget(() -> {});
        scene.use(HandoffState.COPY, 1);
        gate.passed(3);

        scene.now += Duration.ofSeconds(1).toNanos();
        scene.runTimers();

        assertThat(scene.counted(PoolMetric.PARKED)).isEqualTo(3);
        assertThat(scene.counted(PoolMetric.UNPARKED)).isEqualTo(3);
        assertThat(scene.counted(PoolMetric.PARKED_BYTES)).isEqualTo(scene.counted(PoolMetric.UNPARKED_BYTES));
        scene.runTimers();
        assertThat(timers).isEmpty(); // nobody is looked after
    }

    @Test
    void slotsThatStayWaitForTheirOwnLease() {
        PoolHandoffs version = scene.useSteady();
        Handoff[] concerned = scene.concerned(version, "GET foo");

        assertThat(gate.isOpen(concerned)).isTrue();
        lease.held = false;
        assertThat(gate.isOpen(concerned)).isFalse();
    }

    @Test
    void whereNoneIsOnItsWayAllSlotsAreInTheSame() {
        PoolHandoffs version = scene.useSteady();

        assertThat(scene.concerned(version, "GET foo"))
                .hasSize(1)
                .isSameAs(scene.concerned(version, "GET bar"))
                .isSameAs(scene.concerned(version, "MGET foo bar"));
        assertThat(scene.concerned(version, "EVAL return x bar foo")).isEmpty(); // the number of keys is no number
    }

    @Test
    void aHandoffGoesBeforeTheLeaseOfSlotsThatStay() {
        Handoff moving = GateScene.handoff(HandoffState.FREEZE, 1);
        PoolHandoffs version = Objects.requireNonNull(PoolHandoffs.of(
                new SlotPool("alpha", PoolProtocol.REDIS, SlotHash.REDIS_CLUSTER, Map.of(), Map.of("h-1", moving)),
                GateScene.STEADY));

        assertThat(scene.concerned(version, "GET foo")).containsExactly(moving);
        assertThat(scene.concerned(version, "GET bar")).hasSize(1).doesNotContain(moving);
        assertThat(version.frozenServers()).containsExactly("a");
    }
}
