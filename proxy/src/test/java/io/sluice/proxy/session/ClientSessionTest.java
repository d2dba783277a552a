package io.sluice.proxy.session;

import static io.sluice.proxy.testing.RespFrames.bulk;
import static io.sluice.proxy.testing.RespFrames.request;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.PooledByteBufAllocator;
import io.sluice.proxy.admission.Admission;
import io.sluice.proxy.admission.AdmissionRule;
import io.sluice.proxy.admission.HeaderRule;
import io.sluice.proxy.budget.ClientLimits;
import io.sluice.proxy.budget.ProcessBudget;
import io.sluice.proxy.budget.SplitBudget;
import io.sluice.proxy.budget.WorkerBudget;
import io.sluice.proxy.dispatch.PoolRouting;
import io.sluice.proxy.dispatch.PoolSnapshot;
import io.sluice.proxy.dispatch.RequestDispatcher;
import io.sluice.proxy.metrics.MetricBoard;
import io.sluice.proxy.protocol.resp.RespLimits;
import io.sluice.proxy.protocol.resp.RespProtocol;
import io.sluice.proxy.testing.Counting;
import io.sluice.proxy.transport.LoopClock;
import io.sluice.proxy.transport.OutBuffer;
import io.sluice.proxy.transport.OutBytes;
import io.sluice.routing.Router;
import io.sluice.routing.config.PoolDefinition;
import io.sluice.routing.distribution.DistributionKind;
import io.sluice.routing.hash.HashAlgorithm;
import io.sluice.routing.topology.Server;
import io.sluice.routing.topology.ServerAddress;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ClientSessionTest {

    private static final int MAX_IN_FLIGHT = 4;
    private static final int MAX_UNSENT_BYTES = 1000;
    private static final int MAX_HELD_BYTES = 4000;
    private static final int MAX_CLIENTS = 2;
    private static final long PROCESS_BYTES = 1 << 20;
    private static final ClientLimits ROOMY = new ClientLimits(100_000, 1 << 20, 1 << 20, 1 << 20);

    private final MetricBoard board = Counting.board(1);
    private final Admission admission = new Admission(AdmissionRule.NO_LIMIT);
    private final List<Runnable> nextTurn = new ArrayList<>();
    private final ClientSessions.Census census = new ClientSessions.Census(MAX_CLIENTS);
    private final ProcessBudget process = new ProcessBudget(PROCESS_BYTES, () -> false);
    private final WorkerBudget worker = process.newWorker(Runnable::run, System::nanoTime);
    private final SlowEcho echo = new SlowEcho(redis(null));
    private final ClientSessions sessions = sessions(echo);
    private final List<OutBuffer> outs = new ArrayList<>();

    @AfterEach
    void leavesNothing() {
        outs.forEach(OutBytes::takeAll);
    }

    // ---- turns

    @Test
    void aLongPipelineLetsOthersHaveATurn() {
        FakeConnection client = connect(sessions(echo, ROOMY));
        int requests = ClientSession.MAX_REQUESTS_PER_TURN * 2 + 5;

        client.receive(request("PING").repeat(requests));
        assertThat(client.takeAll()).isEqualTo("+PONG\r\n".repeat(ClientSession.MAX_REQUESTS_PER_TURN));
        assertThat(client.isReading()).isFalse();
        runNextTurn();
        client.endTurn();
        assertThat(client.takeAll()).isEqualTo("+PONG\r\n".repeat(ClientSession.MAX_REQUESTS_PER_TURN));
        runNextTurn();
        client.endTurn();

        assertThat(client.takeAll()).isEqualTo("+PONG\r\n".repeat(5));
        assertThat(client.isReading()).isTrue();
        assertThat(nextTurn).isEmpty();
    }

    @Test
    void aPipelineOfExactlyOneTurnWaitsForNobody() {
        FakeConnection client = connect(sessions(echo, ROOMY));

        client.receive(request("PING").repeat(ClientSession.MAX_REQUESTS_PER_TURN));

        assertThat(client.isReading()).isTrue();
        assertThat(nextTurn).isEmpty();
        assertThat(client.takeAll()).hasSize(7 * ClientSession.MAX_REQUESTS_PER_TURN);
    }

    @Test
    void aClientThatGoesWhileOthersHaveTheirTurnIsForgotten() {
        FakeConnection client = connect(sessions(echo, ROOMY));
        client.receive(request("PING").repeat(ClientSession.MAX_REQUESTS_PER_TURN + 1));
        client.hangUp();

        runNextTurn();

        assertThat(census.clients()).isZero();
    }

    private void runNextTurn() {
        List<Runnable> tasks = List.copyOf(nextTurn);
        nextTurn.clear();
        tasks.forEach(Runnable::run);
    }

    // ---- requests and replies

    @Test
    void repliesInRequestOrder() {
        FakeConnection client = connect();

        client.receive(echoes("a", "b", "c"));
        echo.answer(2);
        echo.answer(0);
        assertThat(client.takeAll()).isEqualTo(bulk("a"));
        echo.answerOldest();

        assertThat(client.takeAll()).isEqualTo(bulk("b") + bulk("c"));
    }

    @Test
    void aPipelineMeansTheSameHoweverItIsCut() {
        String pipeline = request("PING") + "ping x\r\n*0\r\n" + request("PING", "\r\n$1\r\n") + request("NOSUCH");
        String replies = "+PONG\r\n$1\r\nx\r\n" + bulk("\r\n$1\r\n")
                + "-ERR unknown command 'NOSUCH', with args beginning with: \r\n";
        for (int cut = 0; cut <= pipeline.length(); cut++) {
            FakeConnection client = connect();

            client.receive(pipeline.substring(0, cut));
            client.receive(pipeline.substring(cut));

            assertThat(client.takeAll()).as("cut at %d", cut).isEqualTo(replies);
            assertThat(client.kept()).isEmpty();
            client.hangUp();
        }
    }

    @Test
    void clientsThatSendByteByByteDoNotDisturbEachOther() {
        FakeConnection left = connect();
        FakeConnection right = connect();
        String fromLeft = request("PING", "left") + "ping l\r\n";
        String fromRight = "ping r\r\n" + request("PING", "right");
        for (int i = 0; i < Math.max(fromLeft.length(), fromRight.length()); i++) {
            left.receive(fromLeft.substring(Math.min(i, fromLeft.length()), Math.min(i + 1, fromLeft.length())));
            right.receive(fromRight.substring(Math.min(i, fromRight.length()), Math.min(i + 1, fromRight.length())));
        }

        assertThat(left.takeAll()).isEqualTo(bulk("left") + bulk("l"));
        assertThat(right.takeAll()).isEqualTo(bulk("r") + bulk("right"));
    }

    @Test
    void requestsThatAreNotServedGetAnErrorInTheirPlace() {
        FakeConnection client = connect();

        client.receive(echoes("a") + request("GET") + request("MONITOR") + request("CLIENT", "x") + request("PING"));
        answerOldest(client);

        assertThat(client.takeAll())
                .startsWith(bulk("a") + "-ERR wrong number of arguments for 'get' command\r\n"
                        + "-ERR 'monitor' is not served by this proxy: ")
                .contains("\r\n-ERR 'client' is not served by this proxy: ")
                .endsWith("\r\n+PONG\r\n");
        assertThat(client.isClosing()).isFalse();
    }

    // ---- limits

    @Test
    void aClientWithTooManyRequestsInFlightIsPausedAndResumed() {
        FakeConnection client = connect();

        client.receive(echoes("1", "2", "3", "4", "5", "6", "7", "8", "9"));
        assertThat(echo.waiting()).containsExactly("1", "2", "3", "4");
        assertThat(client.isReading()).isFalse();
        assertThat(client.kept()).isEqualTo(echoes("5", "6", "7", "8", "9"));

        answerOldest(client);
        assertThat(client.isReading()).isFalse();
        answerOldest(client);
        assertThat(echo.waiting()).containsExactly("3", "4", "5", "6");
        for (int i = 0; i < 7; i++) {
            answerOldest(client);
        }

        assertThat(client.isReading()).isTrue();
        assertThat(client.kept()).isEmpty();
        assertThat(client.takeAll())
                .isEqualTo(bulk("1") + bulk("2") + bulk("3") + bulk("4") + bulk("5") + bulk("6") + bulk("7") + bulk("8")
                        + bulk("9"));
    }

    @Test
    void bytesThatArriveInAPauseAreKept() {
        FakeConnection client = connect();
        client.receive(echoes("1", "2", "3", "4") + "*2\r\n$4\r\nEC");

        client.receive("HO\r\n$1\r\n5\r\n");
        assertThat(echo.waiting()).containsExactly("1", "2", "3", "4");
        for (int i = 0; i < 4; i++) {
            answerOldest(client);
        }

        assertThat(echo.waiting()).containsExactly("5");
    }

    @Test
    void aClientThatDoesNotReadItsRepliesIsPausedAndResumed() {
        FakeConnection client = connect();
        String big = "x".repeat(MAX_UNSENT_BYTES / 2);
        String ping = request("PING", big);

        client.receive(ping + ping + ping + ping);
        assertThat(client.isReading()).isFalse();
        assertThat(client.kept()).isEqualTo(ping + ping);

        assertThat(client.takeAll()).isEqualTo(bulk(big) + bulk(big));

        assertThat(client.kept()).isEmpty();
        assertThat(client.takeAll()).isEqualTo(bulk(big) + bulk(big));
        assertThat(client.isReading()).isTrue();
    }

    @Test
    void refusesOneClientTooMany() {
        FakeConnection first = connect();
        FakeConnection second = connect();
        FakeConnection third = connect();

        assertThat(third.isClosing()).isTrue();
        assertThat(third.takeAll())
                .isEqualTo("-ERR Server overloaded: max number of clients reached (limits.max_clients)\r\n");
        third.receive(request("PING"));
        assertThat(third.takeAll()).isEmpty();
        second.receive(request("PING"));
        assertThat(second.takeAll()).isEqualTo("+PONG\r\n");

        assertThat(first.isClosing()).isFalse();
    }

    @Test
    void aRefusedClientTakesNobodysPlace() {
        connect();
        FakeConnection second = connect();
        connect(); // refused, and lingers

        second.hangUp();
        FakeConnection next = connect();

        assertThat(next.isClosing()).isFalse();
        assertThat(census.clients()).isEqualTo(MAX_CLIENTS);
    }

    @Test
    void aPlaceIsFreeAgainOnceItsClientIsGone() {
        for (int i = 0; i < 10; i++) {
            FakeConnection client = connect();
            assertThat(census.clients()).isEqualTo(1);

            client.hangUp();

            assertThat(census.clients()).isZero();
            assertThat(sessions.size()).isZero();
        }
    }

    // ---- authentication

    @Test
    void nothingIsServedBeforeAuthentication() {
        SlowEcho locked = new SlowEcho(redis("secret"));
        FakeConnection client = connect(sessions(locked));
        String noAuth = "-NOAUTH Authentication required.\r\n";

        client.receive(request("PING")
                + request("GET", "k")
                + request("CLIENT", "ID")
                + request("ECHO", "x")
                + request("AUTH", "wrong")
                + request("ECHO", "x"));
        assertThat(client.takeAll())
                .isEqualTo(noAuth + noAuth + noAuth + noAuth + "-ERR invalid password\r\n" + noAuth);
        assertThat(locked.waiting()).isEmpty();

        client.receive(request("AUTH", "secret") + request("PING"));
        assertThat(client.takeAll()).isEqualTo("+OK\r\n+PONG\r\n");
    }

    @Test
    void quitNeedsNoAuthentication() {
        FakeConnection client = connect(sessions(new SlowEcho(redis("secret"))));

        client.receive(request("QUIT"));

        assertThat(client.takeAll()).isEqualTo("+OK\r\n");
        assertThat(client.isClosing()).isTrue();
    }

    // ---- ends

    @Test
    void quitClosesAfterAllRepliesOwed() {
        FakeConnection client = connect();

        client.receive(echoes("a") + request("QUIT") + request("PING"));
        assertThat(client.isClosing()).isFalse();
        echo.answerOldest();

        assertThat(client.takeAll()).isEqualTo(bulk("a") + "+OK\r\n");
        assertThat(client.isClosing()).isTrue();
        assertThat(client.kept()).isEmpty();
    }

    @Test
    void aProtocolErrorIsAnsweredOnceInItsPlace() {
        FakeConnection client = connect();

        client.receive(echoes("a") + "*x\r\n" + request("PING"));
        client.receive("*x\r\n" + request("PING"));
        assertThat(client.takeAll()).isEmpty();
        assertThat(client.isClosing()).isFalse();
        echo.answerOldest();

        assertThat(client.takeAll()).isEqualTo(bulk("a") + "-ERR Protocol error: invalid multibulk length\r\n");
        assertThat(client.isClosing()).isTrue();
    }

    @Test
    void theDecoderOfABrokenStreamStartsAnewForTheNextClient() {
        FakeConnection broken = connect();
        FakeConnection next = connect();

        broken.receive("*3\r\n$3\r\nSET\r\n$x\r\n");
        next.receive(request("PING"));

        assertThat(broken.takeAll()).isEqualTo("-ERR Protocol error: invalid bulk length\r\n");
        assertThat(next.takeAll()).isEqualTo("+PONG\r\n");
    }

    @Test
    void theDecoderOfAClientThatLeftHalfwayStartsAnewForTheNextClient() {
        FakeConnection halfway = connect();
        halfway.receive("*3\r\n$3\r\nSET\r\n$1\r\n");

        halfway.hangUp();
        FakeConnection next = connect();
        next.receive(request("PING"));

        assertThat(next.takeAll()).isEqualTo("+PONG\r\n");
    }

    @Test
    void aHalfClosedClientHasItsReplies() {
        FakeConnection client = connect();

        client.receive(echoes("a", "b"));
        client.endInput();
        echo.answerOldest();
        assertThat(client.isClosing()).isFalse();
        echo.answerOldest();

        assertThat(client.takeAll()).isEqualTo(bulk("a") + bulk("b"));
        assertThat(client.isClosing()).isTrue();
    }

    @Test
    void aHalfClosedClientThatIsPausedHasItsRepliesToo() {
        FakeConnection client = connect();

        client.receive(echoes("1", "2", "3", "4", "5", "6", "7"));
        client.endInput();
        for (int i = 0; i < 7; i++) {
            assertThat(client.isClosing()).isFalse();
            answerOldest(client);
        }

        assertThat(client.takeAll())
                .isEqualTo(bulk("1") + bulk("2") + bulk("3") + bulk("4") + bulk("5") + bulk("6") + bulk("7"));
        assertThat(client.isClosing()).isTrue();
    }

    @Test
    void anIdleHalfClosedClientIsClosed() {
        FakeConnection client = connect();

        client.endInput();

        assertThat(client.isClosing()).isTrue();
    }

    @Test
    void repliesOfAGoneClientGoToNobody() {
        FakeConnection gone = connect();
        gone.receive(echoes("for the one that is gone"));
        gone.hangUp();
        FakeConnection next = connect();
        next.receive(echoes("mine"));

        echo.answerOldest();
        assertThat(next.takeAll()).isEmpty();
        echo.answerOldest();

        assertThat(next.takeAll()).isEqualTo(bulk("mine"));
        assertThat(gone.takeAll()).isEmpty();
    }

    @Test
    void aReplyThatBreaksHalfSentClosesTheClient() {
        FakeConnection client = connect();
        client.receive(echoes("a", "b"));

        echo.piece(0, "$100\r\nhalf", false);
        echo.breakOff(0);

        assertThat(client.isClosed()).isTrue();
    }

    @Test
    void drainingAnswersWhatIsInFlightAndNoMore() {
        FakeConnection busy = connect();
        FakeConnection idle = connect();
        busy.receive(echoes("a"));

        sessions.drain();
        assertThat(idle.isClosing()).isTrue();
        assertThat(busy.isClosing()).isFalse();
        busy.receive(request("PING"));
        echo.answerOldest();

        assertThat(busy.takeAll()).isEqualTo(bulk("a"));
        assertThat(busy.isClosing()).isTrue();
    }

    @Test
    void closesAllAtOnce() {
        FakeConnection first = connect();
        FakeConnection second = connect();

        sessions.closeNow();

        assertThat(first.isClosed()).isTrue();
        assertThat(second.isClosed()).isTrue();
    }

    // ---- fixtures

    private FakeConnection connect() {
        return connect(sessions);
    }

    private FakeConnection connect(ClientSessions to) {
        OutBuffer out = new OutBuffer(PooledByteBufAllocator.DEFAULT);
        outs.add(out);
        return new FakeConnection(out, to.newSession(out));
    }

    private void answerOldest(FakeConnection client) {
        echo.answerOldest();
        client.endTurn();
    }

    private static String echoes(String... words) {
        StringBuilder pipeline = new StringBuilder();
        for (String word : words) {
            pipeline.append(request("ECHO", word));
        }
        return pipeline.toString();
    }

    private static RespProtocol redis(@Nullable String password) {
        return new RespProtocol(new RespLimits(1 << 20, 64, 64), password, 0, InstantSource.system());
    }

    private ClientSessions sessions(SlowEcho protocol) {
        return sessions(protocol, new ClientLimits(MAX_IN_FLIGHT, MAX_UNSENT_BYTES, 1 << 20, MAX_HELD_BYTES));
    }

    private ClientSessions sessions(SlowEcho protocol, ClientLimits limits) {
        return new ClientSessions(
                census,
                protocol,
                dispatcher(protocol),
                limits,
                PooledByteBufAllocator.DEFAULT,
                new ReplySlotPool(new SplitBudget(worker)),
                worker,
                board.counters(0, 0),
                new LoopClock(System::nanoTime),
                new Entry("alpha", admission, HeaderRule.OFF, (task, delay) -> {}, nextTurn::add));
    }

    /** Never asked here: what would go to a server is ECHO. */
    private RequestDispatcher dispatcher(SlowEcho protocol) {
        List<Server> servers = List.of(new Server("a", ServerAddress.tcp("a.invalid", 6379), 1));
        PoolDefinition pool =
                new PoolDefinition("alpha", HashAlgorithm.FNV1A_64, null, DistributionKind.KETAMA, servers, List.of());
        return new RequestDispatcher(
                new PoolSnapshot(1, new PoolRouting(Router.of(pool)), List.of()),
                board.counters(0, 0),
                protocol,
                PooledByteBufAllocator.DEFAULT,
                1 << 20);
    }
}
