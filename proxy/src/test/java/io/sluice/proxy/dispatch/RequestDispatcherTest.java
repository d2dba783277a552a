package io.sluice.proxy.dispatch;

import static io.sluice.proxy.testing.RespFrames.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.PooledByteBufAllocator;
import io.sluice.proxy.backend.Backend;
import io.sluice.proxy.backend.PoolServer;
import io.sluice.proxy.backend.RetryRule;
import io.sluice.proxy.budget.BackendBudget;
import io.sluice.proxy.budget.Room;
import io.sluice.proxy.health.Shares;
import io.sluice.proxy.protocol.Protocol;
import io.sluice.proxy.protocol.resp.RespLimits;
import io.sluice.proxy.protocol.resp.RespProtocol;
import io.sluice.proxy.testing.PoolSettings;
import io.sluice.proxy.testing.RecordingSink;
import io.sluice.proxy.testing.RespFrames;
import io.sluice.proxy.testing.StillServers;
import io.sluice.proxy.testing.WholeRequest;
import io.sluice.routing.Router;
import io.sluice.routing.config.PoolDefinition;
import io.sluice.routing.distribution.DistributionKind;
import io.sluice.routing.hash.HashAlgorithm;
import io.sluice.routing.hash.HashTag;
import io.sluice.routing.topology.Server;
import io.sluice.routing.topology.ServerAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Three servers that are being connected to and never answer: what they are to get waits in their out buffers. */
class RequestDispatcherTest {

    private static final int MAX_IN_FLIGHT = 16;
    private static final int MAX_QUEUED_BYTES = 10_000;

    private final Protocol protocol =
            new RespProtocol(new RespLimits(4 << 20, 1024, 1024), null, 0, InstantSource.system());
    private final List<Server> servers = StillServers.named(6379, "a", "b", "c");
    private final PoolDefinition pool = new PoolDefinition(
            "alpha", HashAlgorithm.FNV1A_64, HashTag.BRACES, DistributionKind.KETAMA, servers, List.of());
    private final Router router = Router.of(pool);
    private final PoolRouting routing = new PoolRouting(router);
    private final StillServers still =
            new StillServers(protocol, PoolSettings.of(MAX_IN_FLIGHT, MAX_QUEUED_BYTES, RetryRule.NONE), servers);
    private final List<PoolServer> known = still.known();
    private final List<Backend> served = still.backends();
    private final RequestDispatcher dispatcher = new RequestDispatcher(
            new PoolSnapshot(1, routing, served), still.counters(), protocol, PooledByteBufAllocator.DEFAULT, 1 << 20);

    @AfterEach
    void leavesNothing() {
        still.close();
    }

    // ---- one key

    @Test
    void theOwnerOfTheKeyGetsTheRequestAsItCame() {
        for (int i = 0; i < 3; i++) {
            String frame = request("SET", keyOf(i, 0), "\r\nvalue");

            RecordingSink sink = dispatch(frame);

            assertThat(sink.pieces()).isZero();
            assertThat(takenBy(i)).isEqualTo(frame);
        }
    }

    @Test
    void aTypedLineIsSentAsAnArray() {
        String key = keyOf(1, 0);

        dispatch("set " + key + " \"a b\"\r\n");

        assertThat(takenBy(1)).isEqualTo(request("set", key, "a b"));
    }

    @Test
    void keysOfAllLengthsFindTheirOwner() {
        for (int length : new int[] {0, 1, 1023, 1024, 1025, 65_536, 65_537, 100_000, 10, 0}) {
            String key = "k".repeat(length);
            byte[] bytes = RespFrames.bytes(key);

            dispatch(request("GET", key));

            assertThat(takenBy(router.serverIndex(bytes, 0, length))).isEqualTo(request("GET", key));
        }
    }

    @Test
    void aServerThatIsNotConnectedInTheEndAnswersWithAnError() {
        RecordingSink sink = dispatch(request("GET", keyOf(0, 0)));

        still.close();

        assertThat(sink.isDone()).isTrue();
        assertThat(sink.text()).startsWith("-ERR Connection refused: server=a ").contains("the proxy is stopping");
    }

    // ---- another version of the pool

    @Test
    void aServerThatStaysIsTheSameObjectWithWhatItHas() {
        dispatch(request("GET", keyOf(1, 0)));

        List<Backend> next = still.use(List.of(added("z"), known.get(1)));

        assertThat(next.get(1)).isSameAs(served.get(1));
        assertThat(takenBy(1)).isEqualTo(request("GET", keyOf(1, 0)));
    }

    @Test
    void requestsFollowTheNewVersionAtOnce() {
        Router rule = Router.of(new PoolDefinition(
                "alpha",
                HashAlgorithm.FNV1A_64,
                null,
                DistributionKind.MODULA,
                StillServers.named(6379, "z"),
                List.of()));
        List<Backend> next = still.use(List.of(added("z")));
        dispatcher.use(new PoolSnapshot(2, new PoolRouting(rule), next));

        dispatch(request("GET", keyOf(1, 0)));

        assertThat(takenBy(1)).isEmpty();
        assertThat(StillServers.taken(next.get(0))).isEqualTo(request("GET", keyOf(1, 0)));
    }

    @Test
    void aServerThatLeavesKeepsWhatItHasUntilTheEnd() {
        PoolServer leaving = known.get(0);
        RecordingSink sink = dispatch(request("GET", keyOf(0, 0)));
        List<String> drained = new ArrayList<>();
        known.forEach(server -> server.leave(Instant.EPOCH, 1, () -> drained.add(server.name())));

        still.use(List.of());

        assertThat(drained).containsExactly("b", "c");
        assertThat(leaving.phase()).isEqualTo(PoolServer.Phase.DRAINING);
        assertThat(sink.pieces()).isZero();
        still.close();
        assertThat(sink.text()).contains("the proxy is stopping");
        assertThat(leaving.phase()).isEqualTo(PoolServer.Phase.DRAINED);
    }

    @Test
    void aServerCanLeaveOnlyOnce() {
        known.get(0).leave(Instant.EPOCH, 1, () -> {});

        assertThatThrownBy(() -> known.get(0).leave(Instant.EPOCH, 1, () -> {}))
                .isInstanceOf(IllegalStateException.class);
    }

    private static PoolServer added(String name) {
        return new PoolServer(name, ServerAddress.tcp(name + ".invalid", 6379));
    }

    // ---- several keys

    @Test
    void keysOfOneServerGoThereInOneRequest() {
        String frame = request("MGET", keyOf(2, 0), keyOf(2, 1), keyOf(2, 0));

        dispatch(frame);

        assertThat(takenBy(2)).isEqualTo(frame);
        assertThat(takenBy(0)).isEmpty();
        assertThat(takenBy(1)).isEmpty();
    }

    @Test
    void keysOfSeveralServersGoInOneRequestToEach() {
        RecordingSink sink = dispatch(request("MSET", keyOf(0, 0), "1", keyOf(1, 0), "2", keyOf(0, 1), "3"));

        assertThat(takenBy(0)).isEqualTo(request("MSET", keyOf(0, 0), "1", keyOf(0, 1), "3"));
        assertThat(takenBy(1)).isEqualTo(request("MSET", keyOf(1, 0), "2"));
        assertThat(takenBy(2)).isEmpty();
        assertThat(sink.pieces()).isZero();
    }

    @Test
    void aSplitRequestIsAnsweredOnceWhenAllItsServersFail() {
        RecordingSink sink = dispatch(request("DEL", keyOf(0, 0), keyOf(1, 0), keyOf(2, 0)));

        still.close();

        assertThat(sink.isDone()).isTrue();
        assertThat(sink.text()).startsWith("-ERR Connection refused: ");
    }

    @Test
    void whatCannotBeSplitMustBeOnOneServer() {
        RecordingSink sink = dispatch(request("RENAME", keyOf(0, 0), keyOf(1, 0)));

        assertThat(sink.text())
                .isEqualTo("-CROSSSLOT Keys in request don't hash to the same server: 'rename' must find all its keys"
                        + " on one server; a hash_tag keeps keys together\r\n");
        assertThat(takenBy(0)).isEmpty();
        assertThat(takenBy(1)).isEmpty();
    }

    @Test
    void aHashTagKeepsKeysTogether() {
        String frame = request("RENAME", "{x}1", "{x}2");

        dispatch(frame);

        assertThat(takenBy(router.serverIndex(RespFrames.bytes("{x}1"), 0, 4))).isEqualTo(frame);
    }

    @Test
    void manyKeysAreFoundAfterFew() {
        String[] words = new String[1001];
        words[0] = "DEL";
        for (int i = 1; i < words.length; i++) {
            words[i] = keyOf(1, 0);
        }

        dispatch(request("DEL", keyOf(1, 0)));
        dispatch(request(words));

        assertThat(takenBy(1)).isEqualTo(request("DEL", keyOf(1, 0)) + request(words));
    }

    // ---- refusals

    @Test
    void refusesWhatDoesNotSayItsKeys() {
        assertThat(dispatch(request("EVAL", "s", "x", "k")).text())
                .isEqualTo("-ERR value is not an integer or out of range\r\n");
        assertThat(dispatch(request("EVAL", "s", "2", "k")).text())
                .isEqualTo("-ERR Number of keys can't be greater than number of args\r\n");
        assertThat(dispatch(request("EVAL", "s", "0")).text()).startsWith("-ERR a request without a key");
        assertThat(dispatch(request("MSET", "a", "1", "b")).text())
                .isEqualTo("-ERR wrong number of arguments for 'mset' command\r\n");
    }

    @Test
    void refusesWhenNoServerIsInUse() {
        routing.use(Shares.of(0, 0, 0));

        assertThat(dispatch(request("GET", "k")).text())
                .isEqualTo("-ERR Connection refused: no server in use for this key\r\n");
        assertThat(dispatch(request("MGET", "k", "l")).text())
                .isEqualTo("-ERR Connection refused: no server in use for this key\r\n");
    }

    @Test
    void refusesKeysThatAreTooLong() {
        String longest = "k".repeat(RequestDispatcher.MAX_KEY_BYTES);

        assertThat(dispatch(request("GET", longest + "k")).text())
                .isEqualTo("-ERR a key is longer than 1048576 bytes\r\n");
        assertThat(dispatch(request("MGET", "k", longest + "k")).text())
                .isEqualTo("-ERR a key is longer than 1048576 bytes\r\n");
        assertThat(dispatch(request("GET", longest)).isDone()).isFalse();
    }

    @Test
    void keysMoveWhenAServerIsEjected() {
        routing.use(Shares.of(0, 0, Shares.ALL));

        dispatch(request("GET", keyOf(0, 0)));

        assertThat(takenBy(2)).isEqualTo(request("GET", keyOf(0, 0)));
    }

    @Test
    void oneConnectionTakesAsManyRequestsAsAllowed() {
        for (int i = 0; i < MAX_IN_FLIGHT; i++) {
            assertThat(dispatch(request("GET", keyOf(0, 0))).pieces()).isZero();
        }

        BackendBudget full = mustWaitFor(request("GET", keyOf(0, 0)));

        assertThat(full.describe()).startsWith("server=a queued_bytes=").endsWith(" in_flight=16");
        assertThat(dispatch(request("GET", keyOf(1, 0))).pieces()).isZero();
    }

    @Test
    void oneConnectionQueuesAsManyBytesAsAllowed() {
        dispatch(request("SET", keyOf(0, 0), "v".repeat(MAX_QUEUED_BYTES)));

        BackendBudget full = mustWaitFor(request("GET", keyOf(0, 0)));

        assertThat(full.describe()).startsWith("server=a queued_bytes=100").endsWith(" in_flight=1");
    }

    @Test
    void nothingIsSentWhenOneOfTheServersWouldNotTakeItsPart() {
        dispatch(request("SET", keyOf(1, 0), "v".repeat(MAX_QUEUED_BYTES)));

        BackendBudget full = mustWaitFor(request("DEL", keyOf(0, 0), keyOf(1, 0)));

        assertThat(full.describe()).startsWith("server=b ");
        assertThat(takenBy(0)).isEmpty();
    }

    @Test
    void whoWouldWaitForAStalledServerInVainGetsAnError() {
        dispatch(request("SET", keyOf(1, 0), "v".repeat(MAX_QUEUED_BYTES)));
        BackendBudget full = mustWaitFor(request("GET", keyOf(1, 0)));

        full.sweep(System.nanoTime() + Duration.ofSeconds(1).toNanos(), 0, false);

        assertThat(dispatch(request("GET", keyOf(1, 0))).text())
                .startsWith("-ERR Server stalled: server=b queued_bytes=100");
        assertThat(dispatch(request("DEL", keyOf(0, 0), keyOf(1, 0))).text())
                .startsWith("-ERR Server stalled: server=b ");
        assertThat(takenBy(0)).isEmpty();
    }

    // ---- how it is asserted

    private RecordingSink dispatch(String input) {
        RecordingSink sink = new RecordingSink();
        assertThat(dispatch(input, sink)).isNull();
        return sink;
    }

    private BackendBudget mustWaitFor(String input) {
        RecordingSink sink = new RecordingSink();
        Room full = dispatch(input, sink);
        assertThat(sink.pieces()).isZero();
        return (BackendBudget) Objects.requireNonNull(full);
    }

    private @Nullable Room dispatch(String input, RecordingSink sink) {
        WholeRequest whole = WholeRequest.of(protocol, input);
        return dispatcher.dispatch(whole.command(), whole.request(), StillServers.CLIENT, sink);
    }

    private String takenBy(int server) {
        return still.taken(server);
    }

    /** The key number {@code index} of those that a server owns. */
    private String keyOf(int server, int index) {
        List<String> keys = new ArrayList<>();
        for (int i = 0; keys.size() <= index; i++) {
            byte[] key = ("key" + i).getBytes(StandardCharsets.US_ASCII);
            if (router.serverIndex(key, 0, key.length) == server) {
                keys.add("key" + i);
            }
        }
        return keys.get(index);
    }
}
