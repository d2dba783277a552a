package io.sluice.proxy.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.PooledByteBufAllocator;
import io.sluice.proxy.backend.Backend;
import io.sluice.proxy.backend.RetryRule;
import io.sluice.proxy.budget.Room;
import io.sluice.proxy.dispatch.window.CacheWindow;
import io.sluice.proxy.dispatch.window.Ends;
import io.sluice.proxy.dispatch.window.Step;
import io.sluice.proxy.health.Shares;
import io.sluice.proxy.metrics.PoolCounters;
import io.sluice.proxy.protocol.CacheWords;
import io.sluice.proxy.protocol.Protocol;
import io.sluice.proxy.protocol.memcache.MemcacheTextProtocol;
import io.sluice.proxy.protocol.memcache.TextLimits;
import io.sluice.proxy.testing.PoolSettings;
import io.sluice.proxy.testing.RecordingSink;
import io.sluice.proxy.testing.Seed;
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
import io.sluice.routing.topology.ServerAddress;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A ring of four servers that gets a fifth. They are being connected to and never answer: what they are to get waits. */
class CachePassageTest {

    private static final int SERVERS = 5;
    private static final int ROUNDS = 300; // what is in flight is bounded by MAX_IN_FLIGHT
    private static final int MAX_IN_FLIGHT = 10_000;

    private final Protocol protocol = new MemcacheTextProtocol(new TextLimits(4 << 20, 1024));
    private final List<Server> servers = IntStream.range(0, SERVERS)
            .mapToObj(i -> new Server("cache" + i, ServerAddress.tcp("cache" + i + ".invalid", 11211), 1))
            .toList();
    private final StillServers still =
            new StillServers(protocol, PoolSettings.of(MAX_IN_FLIGHT, 1 << 20, RetryRule.NONE), servers);
    private final PoolCounters counters = still.counters();
    private final List<Backend> served = still.backends();
    private final TestLease lease = new TestLease(Duration.ZERO);
    private final HandoffGate gate = new HandoffGate(lease, counters, protocol, System::nanoTime, (task, delay) -> {});
    private final CacheTurn turn = new CacheTurn(gate, counters, PooledByteBufAllocator.DEFAULT);

    @AfterEach
    void leavesNothing() {
        still.close();
    }

    private static Router routerOver(List<Server> its) {
        return Router.of(
                new PoolDefinition("alpha", HashAlgorithm.FNV1A_64, null, DistributionKind.KETAMA, its, List.of()));
    }

    private TwoRings rings(RingChangeState state) {
        RingPool pool = new RingPool(
                PoolProtocol.MEMCACHE,
                new PoolDefinition(
                        "alpha",
                        HashAlgorithm.FNV1A_64,
                        null,
                        DistributionKind.KETAMA,
                        servers.subList(0, SERVERS - 1),
                        List.of()));
        RingChange change = RingChange.begin(
                "r-1", RingChange.Kind.CACHE, servers, 1, Instant.EPOCH, RingChange.WINDOW, RingChange.CLOSING);
        return TwoRings.of(pool.withChange(change.in(state, 2, Instant.EPOCH))).orElseThrow();
    }

    private RequestDispatcher dispatcher(TwoRings rings) {
        RingPassage passage = turn.passage(rings, protocol, 1 << 20);
        gate.use(CacheTurn.handoffs(rings));
        return dispatcher(rings.routerBefore(), passage);
    }

    private RequestDispatcher dispatcher(Router router, RingPassage passage) {
        return dispatcher(new PoolSnapshot(1, new PoolRouting(router), served, null, null, passage));
    }

    private RequestDispatcher dispatcher(PoolSnapshot pool) {
        return new RequestDispatcher(pool, counters, protocol, PooledByteBufAllocator.DEFAULT, 1 << 20, gate);
    }

    private @Nullable Room dispatch(RequestDispatcher dispatcher, String input, RecordingSink sink) {
        WholeRequest whole = WholeRequest.of(protocol, input);
        return dispatcher.dispatch(whole.command(), whole.request(), StillServers.CLIENT, sink);
    }

    /** What each server is to get, by its number: its lines in alphabetical order. */
    private Map<Integer, List<String>> taken() {
        Map<Integer, List<String>> taken = new TreeMap<>();
        for (int i = 0; i < SERVERS; i++) {
            String all = still.taken(i);
            if (!all.isEmpty()) {
                taken.put(i, all.lines().sorted().toList());
            }
        }
        return taken;
    }

    // ---- several keys

    /** The same split made in a simple way: keys that go to one server only in one line, others in a line each. */
    private static Map<Integer, List<String>> expected(TwoRings rings, RingChangeState state, List<String> keys) {
        Map<Integer, StringBuilder> together = new TreeMap<>();
        Map<Integer, List<String>> lines = new TreeMap<>();
        for (String key : keys) {
            byte[] bytes = key.getBytes(StandardCharsets.ISO_8859_1);
            int before = rings.before(bytes, 0, bytes.length);
            int after = rings.after(bytes, 0, bytes.length);
            if (before == after || state == RingChangeState.PREPARE) {
                together.computeIfAbsent(before, first -> new StringBuilder("get"))
                        .append(' ')
                        .append(key);
            } else {
                String claim = state == RingChangeState.WINDOW ? " N3" : "";
                int home = state == RingChangeState.INVALIDATE ? before : after;
                lines.computeIfAbsent(home, first -> new ArrayList<>()).add("mg " + key + " f t c v" + claim);
            }
        }
        together.forEach((server, line) ->
                lines.computeIfAbsent(server, first -> new ArrayList<>()).add(line.toString()));
        lines.replaceAll((server, unsorted) -> unsorted.stream().sorted().toList());
        return lines;
    }

    @ParameterizedTest
    @EnumSource(
            value = RingChangeState.class,
            names = {"PREPARE", "INVALIDATE", "WINDOW", "CLOSING"})
    void aGetOfManyKeysIsSplitAsEachOfItsKeysWouldGo(RingChangeState state) {
        SplittableRandom random = Seed.next("get in " + state).random();
        TwoRings rings = rings(state);
        RequestDispatcher dispatcher = dispatcher(rings);

        for (int round = 0; round < ROUNDS; round++) {
            List<String> keys = IntStream.range(0, random.nextInt(2, 12))
                    .mapToObj(i -> "key" + random.nextInt(100_000))
                    .distinct()
                    .toList();
            RecordingSink sink = new RecordingSink();

            assertThat(dispatch(dispatcher, "get " + String.join(" ", keys) + "\r\n", sink))
                    .isNull();

            assertThat(taken()).isEqualTo(expected(rings, state, keys));
            assertThat(sink.pieces()).isZero();
        }
    }

    /** Two visits to one key claim each other's place, and one of them could find nothing. */
    @ParameterizedTest
    @ValueSource(strings = {"get", "gets", "gat 10", "gats 10"})
    void aKeyThatIsNamedTwiceIsAskedForOnceAndItsFailureToldOnce(String command) {
        TwoRings rings = rings(RingChangeState.WINDOW);
        String key = key(rings, true);
        int after = rings.after(key.getBytes(StandardCharsets.US_ASCII), 0, key.length());
        RecordingSink sink = new RecordingSink();

        dispatch(dispatcher(rings), command + " " + key + " " + key + " " + key + "\r\n", sink);

        assertThat(taken()).isEqualTo(Map.of(after, List.of("mg " + key + " f t c v N3")));
        assertThat(sink.pieces()).isZero();
        still.close();
        assertThat(sink.text()).startsWith("SERVER_ERROR ");
        assertThat(turn.settled().getAsBoolean()).isTrue();
    }

    @Test
    void whatASparePoolDoesNotTakeIsNotSentThereWithKeysThatMoveEither() {
        TwoRings rings = rings(RingChangeState.WINDOW);
        String staying = key(rings, false);
        int[] shares = new int[SERVERS - 1];
        Arrays.fill(shares, Shares.ALL);
        shares[rings.before(staying.getBytes(StandardCharsets.US_ASCII), 0, staying.length())] = 0;
        PoolRouting routing = new PoolRouting(rings.routerBefore(), EjectedKeys.KEEP);
        routing.use(Shares.of(shares));
        PoolSnapshot standIn =
                new PoolSnapshot(1, new PoolRouting(routerOver(servers.subList(0, 1))), served.subList(0, 1));
        SparePool spare = new SparePool("spare", Duration.ofMinutes(1), () -> standIn);
        RingPassage passage = turn.passage(rings, protocol, 1 << 20);
        RecordingSink sink = new RecordingSink();

        dispatch(
                dispatcher(new PoolSnapshot(1, routing, served, spare, null, passage)),
                "gat 10 " + key(rings, true) + " " + staying + "\r\n",
                sink);

        assertThat(sink.text()).contains("spare pool 'spare' serves only reads");
        assertThat(taken()).isEmpty();
    }

    // ---- one key

    private String key(TwoRings rings, boolean moves) {
        return IntStream.range(0, 10_000)
                .mapToObj(i -> "key" + i)
                .filter(key -> rings.moves(key.getBytes(StandardCharsets.US_ASCII), 0, key.length()) == moves)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void keysThatStayGoTheirUsualWay() {
        for (RingChangeState state : List.of(RingChangeState.PREPARE, RingChangeState.WINDOW)) {
            TwoRings rings = rings(state);
            String key = key(rings, false);

            dispatch(dispatcher(rings), "set " + key + " 0 0 1\r\nv\r\n", new RecordingSink());

            assertThat(taken())
                    .containsOnlyKeys(rings.before(key.getBytes(StandardCharsets.US_ASCII), 0, key.length()));
        }
    }

    @Test
    void whatWritesDoesNothingOnTheNewOwnerBeforeTheOldOneHasAnswered() {
        TwoRings rings = rings(RingChangeState.WINDOW);
        String key = key(rings, true);
        int before = rings.before(key.getBytes(StandardCharsets.US_ASCII), 0, key.length());
        RequestDispatcher dispatcher = dispatcher(rings);

        dispatch(dispatcher, "set " + key + " 0 0 1\r\nv\r\n", new RecordingSink());

        assertThat(taken()).isEqualTo(Map.of(before, List.of("delete " + key)));
    }

    @Test
    void aClientsNextRequestForAKeyThatItChangesWaits() {
        TwoRings rings = rings(RingChangeState.WINDOW);
        String key = key(rings, true);
        RequestDispatcher dispatcher = dispatcher(rings);
        dispatch(dispatcher, "set " + key + " 0 0 1\r\nv\r\n", new RecordingSink());
        taken();

        Room room = dispatch(dispatcher, "get " + key + "\r\n", new RecordingSink());
        boolean[] woken = new boolean[1];
        Objects.requireNonNull(room).await(() -> woken[0] = true);
        assertThat(taken()).isEmpty();
        still.close();

        assertThat(woken).containsExactly(true);
    }

    /** What is under way may be about to write the same key to the server that has it now. */
    private void assertNextRequestWaits(RequestDispatcher later, String key) {
        taken();
        RecordingSink other = new RecordingSink();

        Room room = dispatch(later, "set " + key + " 0 0 1\r\n2\r\n", new RecordingSink());
        assertThat(dispatch(later, "set other" + key + " 0 0 1\r\n2\r\n", other))
                .isNull();

        boolean[] woken = new boolean[1];
        Objects.requireNonNull(room).await(() -> woken[0] = true);
        assertThat(taken().values().stream().flatMap(List::stream).filter(line -> line.startsWith("set")))
                .containsExactly("set other" + key + " 0 0 1");
        still.close();
        assertThat(woken).containsExactly(true);
    }

    @Test
    void norDoesItOvertakeTheFirstOnceTheChangeIsOver() {
        TwoRings rings = rings(RingChangeState.CLOSING);
        String key = key(rings, true);
        assertThat(turn.settling()).isNull();
        dispatch(dispatcher(rings), "set " + key + " 0 0 1\r\n1\r\n", new RecordingSink());

        SettlingPassage settling = Objects.requireNonNull(turn.settling());
        assertThat(settling.isSettled()).isFalse();
        assertNextRequestWaits(dispatcher(routerOver(servers), settling), key);

        assertThat(settling.isSettled()).isTrue();
        assertThat(turn.settling()).isNull();
    }

    @Test
    void norOnceTheNextChangeIsPrepared() {
        TwoRings rings = rings(RingChangeState.CLOSING);
        String key = key(rings, true);
        dispatch(dispatcher(rings), "set " + key + " 0 0 1\r\n1\r\n", new RecordingSink());

        assertNextRequestWaits(dispatcher(rings(RingChangeState.PREPARE)), key);
    }

    /** Words of the protocol's, but that memory runs out when something is to be removed. */
    private CacheWords wordsWithoutMemory() {
        CacheWords words = Objects.requireNonNull(protocol.cacheWords());
        return (CacheWords) Proxy.newProxyInstance(
                CacheWords.class.getClassLoader(), new Class<?>[] {CacheWords.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("appendRemoval")) {
                        throw new OutOfMemoryError("of the test's");
                    }
                    return method.invoke(words, arguments);
                });
    }

    @Test
    void aVisitThatRunsOutOfMemoryEndsAndItsClientIsTold() {
        CacheWindow window = new CacheWindow(protocol, wordsWithoutMemory(), counters, 1 << 20);
        RecordingSink sink = new RecordingSink();
        WholeRequest whole = WholeRequest.of(protocol, "set k 0 0 1\r\nv\r\n");

        window.begin(
                Step.WINDOW,
                new Ends(served.get(0), served.get(1)),
                whole.command(),
                whole.request(),
                1,
                StillServers.CLIENT,
                sink);

        assertThat(sink.isBroken()).isTrue();
        assertThat(window.isIdle()).isTrue();
    }

    @Test
    void keysThatMoveWaitWhileTheLeaseIsNotHeldAndOthersDoNot() {
        TwoRings rings = rings(RingChangeState.PREPARE);
        RequestDispatcher dispatcher = dispatcher(rings);
        lease.held = false;

        Room moving = dispatch(dispatcher, "get " + key(rings, true) + "\r\n", new RecordingSink());
        Room staying = dispatch(dispatcher, "get " + key(rings, false) + "\r\n", new RecordingSink());

        assertThat(moving).isNotNull();
        assertThat(staying).isNull();
    }

    @Test
    void nothingIsUnderWayOnceServersAreGone() {
        TwoRings rings = rings(RingChangeState.WINDOW);
        RequestDispatcher dispatcher = dispatcher(rings);
        RecordingSink sink = new RecordingSink();
        dispatch(dispatcher, "incr " + key(rings, true) + " 1\r\n", sink);
        assertThat(turn.settled().getAsBoolean()).isFalse();

        still.close();

        assertThat(sink.text()).startsWith("SERVER_ERROR ");
        assertThat(turn.settled().getAsBoolean()).isTrue();
    }
}
