package io.sluice.proxy.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.sluice.proxy.backend.Backend;
import io.sluice.proxy.backend.RetryRule;
import io.sluice.proxy.budget.Room;
import io.sluice.proxy.dispatch.SoleOwners.Place;
import io.sluice.proxy.metrics.PoolCounters;
import io.sluice.proxy.protocol.Protocol;
import io.sluice.proxy.protocol.ReplySink;
import io.sluice.proxy.protocol.resp.RespLimits;
import io.sluice.proxy.protocol.resp.RespProtocol;
import io.sluice.proxy.testing.PoolSettings;
import io.sluice.proxy.testing.StillServers;
import io.sluice.proxy.testing.WholeRequest;
import io.sluice.routing.Router;
import io.sluice.routing.cluster.RingChange;
import io.sluice.routing.cluster.RingChangeState;
import io.sluice.routing.cluster.RingPool;
import io.sluice.routing.cluster.TwoRings;
import io.sluice.routing.config.PoolDefinition;
import io.sluice.routing.distribution.DistributionKind;
import io.sluice.routing.hash.HashAlgorithm;
import io.sluice.routing.topology.PoolProtocol;
import io.sluice.routing.topology.Server;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A ring of two servers that loses the first. They never answer: the test does in their place. */
class QueuePopTest {

    private static final long CLIENT = StillServers.CLIENT;
    private static final int OLD = 0;
    private static final int NEW = 1;

    private final Protocol protocol =
            new RespProtocol(new RespLimits(1 << 20, 1024, 1024), null, 0, InstantSource.system());
    private final List<Server> servers = StillServers.named(6379, "broker0", "broker1");
    private final StillServers still =
            new StillServers(protocol, PoolSettings.of(1000, 1 << 20, RetryRule.NONE), servers);
    private final PoolCounters counters = still.counters();
    private final List<Backend> served = still.backends();
    private final QueueTurn turn = new QueueTurn(counters, System::nanoTime);
    private final ClientSink sink = new ClientSink();
    private final TwoRings rings = rings(RingChangeState.DRAINING);
    private final String queue = queue();

    /** The place of a client's reply. */
    private static final class ClientSink implements ReplySink {
        private boolean gone;
        private boolean broken;
        private String reply = "";

        @Override
        public void onReply(ByteBuf source, int offset, int length, boolean last) {
            reply += source.toString(offset, length, StandardCharsets.US_ASCII);
        }

        @Override
        public void onBroken(String detail) {
            broken = true;
        }

        @Override
        public boolean keep(int bytes) {
            return !gone;
        }
    }

    @AfterEach
    void leavesNothing() {
        still.close();
    }

    private TwoRings rings(RingChangeState state) {
        RingPool pool = new RingPool(
                PoolProtocol.REDIS,
                new PoolDefinition("alpha", HashAlgorithm.FNV1A_64, null, DistributionKind.KETAMA, servers, List.of()));
        RingChange change = RingChange.begin(
                "r-1",
                RingChange.Kind.BROKER,
                servers.subList(NEW, NEW + 1),
                1,
                Instant.EPOCH,
                RingChange.WINDOW,
                RingChange.BROKER_GRACE);
        return TwoRings.of(pool.withChange(change.in(state, 2, Instant.EPOCH))).orElseThrow();
    }

    private String queue() {
        return IntStream.range(0, 1000)
                .mapToObj(i -> "queue" + i)
                .filter(key -> rings.moves(key.getBytes(StandardCharsets.US_ASCII), 0, key.length()))
                .findFirst()
                .orElseThrow();
    }

    private RequestDispatcher dispatcher(List<Backend> backing, @Nullable RingPassage passage) {
        return new RequestDispatcher(
                snapshot(backing, passage), counters, protocol, PooledByteBufAllocator.DEFAULT, 1 << 20);
    }

    private PoolSnapshot snapshot(List<Backend> backing, @Nullable RingPassage passage) {
        Router router = rings.routerBefore();
        return new PoolSnapshot(1, new PoolRouting(router), backing, null, null, passage);
    }

    private WholeRequest pop() {
        return WholeRequest.of(protocol, "LPOP " + queue + "\r\n");
    }

    /** One that has been sent to the old server. */
    private QueuePop begun(QueuePops pops, RequestDispatcher dispatcher) {
        QueuePassage passage = new QueuePassage(rings, new DrainedQueues(System::nanoTime), pops, protocol, counters);
        PoolSnapshot pool = snapshot(served, passage);
        WholeRequest whole = pop();
        QueuePop pop = new QueuePop(passage, pops, protocol, dispatcher, whole.request(), CLIENT, sink);
        assertThat(pop.begin(pool, whole.command(), whole.request(), OLD)).isNull();
        assertThat(still.taken(OLD)).containsIgnoringCase("LPOP");
        return pop;
    }

    private static void answerWithNothing(QueuePop pop) {
        pop.onReply(Unpooled.copiedBuffer("$-1\r\n", StandardCharsets.US_ASCII), 0, 5, true);
    }

    private boolean[] waiter(QueuePop pop) {
        boolean[] woken = new boolean[1];
        pop.await(() -> woken[0] = true);
        return woken;
    }

    @Test
    void whatTheOldServerHasNotIsAskedOfTheNewOne() {
        QueuePops pops = new QueuePops();

        answerWithNothing(begun(pops, dispatcher(served, null)));

        assertThat(pops.isEmpty()).isFalse();
        assertThat(still.taken(OLD) + still.taken(NEW)).containsIgnoringCase("LPOP");
    }

    @Test
    void noElementIsTakenForAClientThatIsGone() {
        QueuePops pops = new QueuePops();
        QueuePop pop = begun(pops, dispatcher(served, null));
        boolean[] woken = waiter(pop);
        sink.gone = true;

        answerWithNothing(pop);

        assertThat(still.taken(OLD) + still.taken(NEW)).isEmpty();
        assertThat(sink.broken).isTrue();
        assertThat(pops.isEmpty()).isTrue();
        assertThat(woken).containsExactly(true);
    }

    /** As when memory runs out: here the second server is missing. */
    @Test
    void aPopWhoseSecondHalfCannotBeSentEnds() {
        QueuePops pops = new QueuePops();
        QueuePop pop = begun(pops, dispatcher(List.of(), null));
        boolean[] woken = waiter(pop);

        answerWithNothing(pop);

        assertThat(sink.broken).isTrue();
        assertThat(sink.reply).isEmpty();
        assertThat(pops.isEmpty()).isTrue();
        assertThat(woken).containsExactly(true);
    }

    @Test
    void onceTheChangeIsOverNothingOfItsClientOvertakesAPop() {
        RequestDispatcher draining = dispatcher(served, turn.passage(rings, protocol));
        WholeRequest first = pop();
        draining.dispatch(first.command(), first.request(), CLIENT, sink);
        assertThat(still.taken(OLD)).containsIgnoringCase("LPOP");

        for (TwoRings next : new TwoRings[] {null, rings(RingChangeState.PREPARE)}) {
            SettlingPassage settling = (SettlingPassage) Objects.requireNonNull(turn.passage(next, protocol));
            RequestDispatcher later = dispatcher(served, settling);
            assertThat(settling.isSettled()).isFalse();
            WholeRequest second = pop();
            Room room = later.dispatch(second.command(), second.request(), CLIENT, new ClientSink());
            assertThat(room).isInstanceOf(QueuePop.class);
            assertThat(still.taken(OLD) + still.taken(NEW)).isEmpty();
        }

        WholeRequest ofAnother = pop();
        assertThat(dispatcher(served, turn.passage(null, protocol))
                        .dispatch(ofAnother.command(), ofAnother.request(), CLIENT + 1, new ClientSink()))
                .isNull();
        still.close();
        assertThat(turn.passage(null, protocol)).isNull();
    }

    /** A transaction is sent by another way than single requests. */
    @Test
    void norDoesATransactionOfItsClient() {
        RequestDispatcher draining = dispatcher(served, turn.passage(rings, protocol));
        WholeRequest first = pop();
        draining.dispatch(first.command(), first.request(), CLIENT, sink);
        still.taken(OLD);
        SoleOwners owners = new SoleOwners(dispatcher(served, turn.passage(null, protocol)), protocol, counters);
        Place place = Objects.requireNonNull(owners.placeOf(queue.getBytes(StandardCharsets.US_ASCII)));
        WholeRequest commit = WholeRequest.of(protocol, "EXEC\r\n");

        Room room = owners.send(place, commit.request(), CLIENT, out -> out.append("EXEC\r\n"), sink, 0, sink);
        assertThat(room).isInstanceOf(QueuePop.class);
        assertThat(still.taken(OLD) + still.taken(NEW)).isEmpty();
        room = owners.send(place, commit.request(), CLIENT + 1, out -> out.append("EXEC\r\n"), sink, 0, sink);
        assertThat(room).isNull();
        still.close();
    }
}
