package io.sluice.proxy.conversation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.proxy.backend.Backend;
import io.sluice.proxy.backend.BackendPools;
import io.sluice.proxy.backend.BackendSettings;
import io.sluice.proxy.backend.ConnectPacer;
import io.sluice.proxy.backend.PoolServer;
import io.sluice.proxy.backend.RetryRule;
import io.sluice.proxy.budget.Room;
import io.sluice.proxy.command.Command;
import io.sluice.proxy.dispatch.PoolRouting;
import io.sluice.proxy.dispatch.PoolSnapshot;
import io.sluice.proxy.dispatch.RequestDispatcher;
import io.sluice.proxy.metrics.PoolCounters;
import io.sluice.proxy.protocol.ErrorKind;
import io.sluice.proxy.protocol.Protocol;
import io.sluice.proxy.protocol.ReplySink;
import io.sluice.proxy.protocol.Request;
import io.sluice.proxy.protocol.resp.RespLimits;
import io.sluice.proxy.protocol.resp.RespProtocol;
import io.sluice.proxy.testing.Budgets;
import io.sluice.proxy.testing.Counting;
import io.sluice.proxy.testing.Healths;
import io.sluice.proxy.testing.PoolSettings;
import io.sluice.proxy.testing.RespFrames;
import io.sluice.proxy.testing.WholeRequest;
import io.sluice.proxy.transport.AddressResolver;
import io.sluice.proxy.transport.Loop;
import io.sluice.proxy.transport.Loops;
import io.sluice.proxy.transport.Transport;
import io.sluice.routing.Router;
import io.sluice.routing.config.PoolDefinition;
import io.sluice.routing.distribution.DistributionKind;
import io.sluice.routing.hash.HashAlgorithm;
import io.sluice.routing.topology.Server;
import io.sluice.routing.topology.ServerAddress;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Requests that wait for data while their keys go from one real server to another. */
class BlockedRequestsIT {

    private static final Duration SOON = Duration.ofSeconds(30);

    @RegisterExtension
    static final RedisServer before = RedisServer.onFreePort();

    @RegisterExtension
    static final RedisServer after = RedisServer.onFreePort();

    private final AddressResolver resolver = new AddressResolver();
    private final Loops loops = new Loops(Transport.NIO, 1, resolver);
    private final Loop loop = loops.get(0);
    private final PoolCounters counters = Counting.board(3).counters(0, 0);
    private final Protocol protocol =
            new RespProtocol(new RespLimits(4 << 20, 1024, 1024), null, 0, InstantSource.system());
    private final BackendSettings settings =
            PoolSettings.of(Duration.ofSeconds(5), 16, 10_000, new RetryRule(0, false));
    private final BackendPools pools = new BackendPools(
            "alpha",
            settings,
            loop,
            new SplittableRandom(7),
            Budgets.ample(),
            counters,
            new ConnectPacer(1_000, System::nanoTime));
    private final List<String> replies = new CopyOnWriteArrayList<>();

    private final RequestDispatcher dispatcher = onLoop(() -> {
        RequestDispatcher[] made = {null};
        usePool(
                before,
                snapshot -> made[0] = new RequestDispatcher(
                        snapshot, counters, protocol, loop.resources().allocator(), 1 << 20));
        return made[0];
    });
    private final Conversations conversations = onLoop(() -> new Conversations(
            dispatcher,
            protocol,
            loop.resources().allocator(),
            counters,
            loop.resources().clock(),
            loop::schedule));

    private void usePool(RedisServer server, Consumer<PoolSnapshot> publish) {
        Server only = new Server("s" + server.port(), ServerAddress.tcp("127.0.0.1", server.port()), 1);
        PoolDefinition pool = new PoolDefinition(
                "alpha", HashAlgorithm.FNV1A_64, null, DistributionKind.MODULA, List.of(only), List.of());
        pools.use(
                List.of(new PoolServer(only.name(), only.address())),
                settings,
                protocol,
                Healths.trusting(only.name()),
                (List<Backend> backends) ->
                        publish.accept(new PoolSnapshot(1, new PoolRouting(Router.of(pool)), backends)));
    }

    @BeforeEach
    void flush() throws IOException {
        for (RedisServer server : List.of(before, after)) {
            try (RespClient client = server.connect()) {
                client.call("FLUSHALL");
            }
        }
    }

    @AfterEach
    void close() {
        onLoop(() -> {
            pools.close();
            return true;
        });
        loops.shutdown(1);
        resolver.close();
    }

    private <T> T onLoop(Callable<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        loop.execute(() -> {
            try {
                result.complete(task.call());
            } catch (Exception e) {
                result.completeExceptionally(e);
            }
        });
        return result.orTimeout(30, TimeUnit.SECONDS).join();
    }

    @Test
    void whoIsParkedWaitsAtTheServerThatHasTheKeysAfterwards() throws Exception {
        send("BLPOP", "l", "0");
        send("BLPOP", "l", "0");
        awaitBlocked(before, 2);

        park();
        awaitBlocked(before, 0);
        send("BLPOP", "l", "0"); // comes while the keys move
        assertThat(blocked(before)).isZero();
        onLoop(() -> {
            usePool(after, dispatcher::use);
            assertThat(conversations.onPoolChanged()).isCompleted();
            conversations.blocked().thaw();
            return true;
        });

        awaitBlocked(after, 3);
        try (RespClient client = after.connect()) {
            client.call("RPUSH", "l", "first");
            await().atMost(SOON).until(() -> replies.size() == 1);
            client.call("RPUSH", "l", "second", "third");
        }
        await().atMost(SOON).until(() -> replies.size() == 3);
        assertThat(replies).containsExactlyInAnyOrder(popped("first"), popped("second"), popped("third"));
    }

    @Test
    void theRestOfTheTimeIsWaitedForNotAllOfIt() {
        long begun = System.nanoTime();
        send("BLPOP", "l", "1.5");
        awaitBlocked(before, 1);
        await().atMost(SOON).until(() -> System.nanoTime() - begun > 1_300_000_000L);
        park();
        onLoop(() -> {
            conversations.blocked().thaw();
            return true;
        });

        await().atMost(SOON).until(() -> replies.size() == 1);

        assertThat(replies).containsExactly("*-1\r\n");
        assertThat(System.nanoTime() - begun).isBetween(1_450_000_000L, 2_750_000_000L); // all of it: 2.8 s
    }

    @Test
    void whoCameFirstIsServedFirstAfterwards() throws Exception {
        int clients = 40; // more than there are connections that wait for a client
        for (int i = 0; i < clients; i++) {
            sendAs(i + ": ", "BLPOP", "l", "0");
            awaitBlocked(before, i + 1);
        }
        park();
        onLoop(() -> {
            usePool(after, dispatcher::use);
            conversations.onPoolChanged();
            conversations.blocked().thaw();
            return true;
        });
        awaitBlocked(after, clients);
        String[] elements =
                IntStream.range(0, clients).mapToObj(String::valueOf).toArray(String[]::new);

        try (RespClient client = after.connect()) {
            client.call(
                    Stream.concat(Stream.of("RPUSH", "l"), Stream.of(elements)).toArray(String[]::new));
        }

        await().atMost(SOON).until(() -> replies.size() == clients);
        assertThat(replies)
                .containsExactlyInAnyOrder(Stream.of(elements)
                        .map(number -> number + ": " + popped(number))
                        .toArray(String[]::new));
    }

    @Test
    void whoseTimeIsOverWhileItIsParkedHearsOfItThen() {
        long begun = System.nanoTime();
        send("BLPOP", "l", "0.3");
        awaitBlocked(before, 1);
        park();

        await().atMost(SOON).until(() -> replies.size() == 1);

        assertThat(replies).containsExactly("*-1\r\n");
        assertThat(System.nanoTime() - begun).isGreaterThan(290_000_000L);
        assertThat(onLoop(() -> conversations.blocked().size())).isZero();
    }

    @Test
    void anElementThatComesInTheMomentOfParkingIsDelivered() throws Exception {
        for (int round = 0; round < 60; round++) {
            replies.clear();
            send("BLPOP", "l", "0");
            awaitBlocked(before, 1);
            try (RespClient client = before.connect()) {
                client.send("RPUSH", "l", "x");
                client.flush();
                park();
                client.receive();
                onLoop(() -> {
                    conversations.blocked().thaw();
                    return true;
                });
                await().atMost(SOON).pollInterval(Duration.ofMillis(2)).until(() -> replies.size() == 1);
                assertThat(replies).containsExactly(popped("x"));
                assertThat(client.call("LLEN", "l")).isEqualTo(0L);
            }
        }
        assertThat(onLoop(() -> conversations.blocked().size())).isZero();
    }

    /** Parks all of them, and waits until no server waits any more. */
    private void park() {
        CompletableFuture<Boolean> parked = new CompletableFuture<>();
        onLoop(() -> {
            conversations.blocked().park(place -> true, () -> parked.complete(true));
            return true;
        });
        parked.orTimeout(30, TimeUnit.SECONDS).join();
    }

    private static String popped(String element) {
        return "*2\r\n$1\r\nl\r\n$" + element.length() + "\r\n" + element + "\r\n";
    }

    private void send(String... request) {
        sendAs("", request);
    }

    /** Whose reply is told with that name before it. */
    private void sendAs(String client, String... request) {
        onLoop(() -> {
            WholeRequest whole = WholeRequest.of(protocol, RespFrames.request(request));
            return conversations
                    .begin(new LoneClient())
                    .carryOut(whole.command(), whole.request(), new Recorder(client));
        });
    }

    private static void awaitBlocked(RedisServer server, int clients) {
        await().atMost(SOON).pollInterval(Duration.ofMillis(2)).until(() -> blocked(server) == clients);
    }

    private static int blocked(RedisServer server) throws IOException {
        try (RespClient client = server.connect()) {
            String info = String.valueOf(client.call("INFO", "clients"));
            return Integer.parseInt(info.replaceAll("(?s).*blocked_clients:(\\d+).*", "$1"));
        }
    }

    private final class Recorder implements ReplySink {
        private final String client;

        Recorder(String client) {
            this.client = client;
        }

        @Override
        public void onReply(ByteBuf source, int offset, int length, boolean last) {
            replies.add(client + source.toString(offset, length, StandardCharsets.ISO_8859_1));
        }

        @Override
        public void onBroken(String detail) {
            replies.add("broken: " + detail);
        }
    }

    /** A client with one request. */
    private static final class LoneClient implements Client {
        @Override
        public long id() {
            return 1;
        }

        @Override
        public boolean isQuiet() {
            return true;
        }

        @Override
        public boolean isNewest(ReplySink slot) {
            return true;
        }

        @Override
        public boolean forward(Command command, Request request, ReplySink replyTo) {
            throw new AssertionError("not to be forwarded: " + command);
        }

        @Override
        public void await(Room full) {}

        @Override
        public void holdUp() {}

        @Override
        public void fail(ReplySink slot, ErrorKind kind, String detail) {
            ByteBuf error = Unpooled.wrappedBuffer((kind + " " + detail).getBytes(StandardCharsets.UTF_8));
            slot.onReply(error, 0, error.readableBytes(), true);
        }

        @Override
        public boolean mayUseChannels(Command command, Request request, ReplySink slot) {
            return true;
        }

        @Override
        public void push(ByteBuf source, int offset, int length) {}

        @Override
        public boolean hold(int bytes) {
            return true;
        }

        @Override
        public void release(int bytes) {}
    }
}
