package io.sluice.proxy;

import static io.sluice.proxy.testing.Replies.assertError;
import static io.sluice.proxy.testing.Replies.millisSince;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.PooledByteBufAllocator;
import io.sluice.proxy.config.ProxyConfig.Limits;
import io.sluice.proxy.config.ProxyConfig.TransportPreference;
import io.sluice.proxy.testing.Keys;
import io.sluice.proxy.testing.Replies;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.proxy.testing.ScriptedServer;
import io.sluice.proxy.testing.ScriptedServer.Asked;
import io.sluice.testing.RespClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Clients that do not read, do not finish, want too much, or leave too early. */
class ClientFaultsIT {

    private static final int MIB = 1 << 20;
    private static final String GET_LARGE = "*2\r\n$3\r\nGET\r\n$5\r\nlarge\r\n";

    // ---- not reading

    @Test
    void aClientThatDoesNotReadIsNotReadFromAndOthersGoOn() throws Exception {
        int requests = 1000;
        String value = "v".repeat(64_000);
        ScriptedServer.Script large = asked -> {
            if (asked.words().get(1).equals("large")) {
                asked.reply(Asked.bulk(value));
            } else {
                asked.replySensibly();
            }
        };
        try (ScriptedServer server = ScriptedServer.start(large);
                RunningProxy proxy = RunningProxy.overPorts(server.port())
                        .limits(limits(16, 256 << 10, 64 * MIB, 100))
                        .start();
                Socket deaf = slowReader(proxy.port());
                RespClient other = proxy.connect()) {
            deaf.getOutputStream().write(ascii(GET_LARGE.repeat(requests)));
            await().atMost(Duration.ofSeconds(30))
                    .during(Duration.ofMillis(300)) // nothing more arrives for that long
                    .until(() -> server.count("GET", "large"), new Unchanged());

            long reached = server.count("GET", "large");
            long start = System.nanoTime();
            assertThat(other.call("GET", "small")).isEqualTo("value of small");

            System.out.println("FIGURE deaf client: " + reached + " of " + requests + " requests reached the server");
            assertThat(millisSince(start)).isLessThan(8_000);
            assertThat(reached).isBetween(16L, 250L); // 16 in flight, 256 KiB, and what the kernel's two buffers take
            assertThat(deaf.getInputStream().readNBytes(requests * (value.length() + 10)))
                    .hasSize(requests * (value.length() + 10)); // reading again, it gets all
        }
    }

    /** Holds when a number has stayed the same since the last look. */
    private static final class Unchanged extends org.hamcrest.BaseMatcher<Long> {
        private Object last = -1L;

        @Override
        public boolean matches(Object now) {
            boolean same = now.equals(last);
            last = now;
            return same;
        }

        @Override
        public void describeTo(org.hamcrest.Description description) {
            description.appendText("unchanged");
        }
    }

    private static Socket slowReader(int port) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(16 << 10);
        socket.setSoTimeout(30_000);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return socket;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Test
    void aClientThatLeavesWithoutReadingLeavesNothingBehind() throws Exception {
        String value = "v".repeat(500_000);
        try (ScriptedServer server = ScriptedServer.start(asked -> asked.reply(Asked.bulk(value)));
                RunningProxy proxy = RunningProxy.overPorts(server.port()).start();
                RespClient other = proxy.connect()) {
            int requests = 8; // as many as a new client may have in flight
            long before = usedDirectMemory();
            for (int round = 0; round < 25; round++) {
                int seen = server.received().size();
                try (Socket deaf = slowReader(proxy.port())) {
                    deaf.getOutputStream().write(ascii(GET_LARGE.repeat(requests)));
                    await().pollInterval(Duration.ofMillis(1))
                            .until(() -> server.received().size() == seen + requests);
                }
            }

            assertThat(other.call("GET", "key")).isEqualTo(value); // behind them all on the server's connection
            await().atMost(Duration.ofSeconds(30)).until(() -> proxy.proxy().clients() == 1);
            assertThat(usedDirectMemory() - before).isLessThan(24L * MIB); // of 100 MB that were on their way
        }
    }

    // ---- too much

    static Stream<Arguments> tooMuch() {
        return Stream.of(
                Arguments.of("endless inline line", "x".repeat(70_000), "too big inline request"),
                Arguments.of("too many arguments", "*2000000\r\n", "invalid multibulk length"),
                Arguments.of("endless header", "*" + "1".repeat(70_000), "invalid multibulk length"),
                Arguments.of("argument too large", "*2\r\n$3\r\nGET\r\n$99999999\r\n", "request too large"),
                Arguments.of("argument absurd", "*2\r\n$3\r\nGET\r\n$99999999999999999\r\n", "request too large"),
                Arguments.of("sum too large", "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1048570\r\n", "request too large"),
                Arguments.of("negative length", "*2\r\n$3\r\nGET\r\n$-5\r\n", "invalid bulk length"),
                Arguments.of("no dollar", "*1\r\n:3\r\n", "expected '$', got ':'"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("tooMuch")
    void tooMuchIsAnsweredInItsPlaceAndClosed(String name, String bytes, String expected) throws Exception {
        try (ScriptedServer server = ScriptedServer.start(ScriptedServer::silence);
                RunningProxy proxy = RunningProxy.overPorts(server.port())
                        .limits(limits(1024, 8 * MIB, 64 * MIB, 100))
                        .start();
                RespClient client = proxy.connect();
                RespClient other = proxy.connect()) {
            client.send("GET", "before");
            client.sendRaw(ascii(bytes));
            server.next().replySensibly();

            assertThat(client.receive()).isEqualTo("value of before");
            assertError(client.receive()).startsWith("ERR Protocol error: ").contains(expected);
            assertThat(client.isAtEnd()).isTrue();
            assertThat(other.call("PING")).as(name).isEqualTo("PONG");
            assertThat(server.received()).hasSize(1);
        }
    }

    @Test
    void fiveHundredHalfRequestsHoldLittle() throws Exception {
        int clients = 500;
        List<Socket> sockets = new ArrayList<>();
        try (ScriptedServer server = ScriptedServer.start(ScriptedServer::sensibly);
                RunningProxy proxy = RunningProxy.overPorts(server.port()).start();
                RespClient other = proxy.connect()) {
            assertThat(other.call("GET", "a")).isEqualTo("value of a");
            long before = usedDirectMemory();
            try {
                for (int i = 0; i < clients; i++) {
                    Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
                    sockets.add(socket);
                    socket.getOutputStream().write(ascii("*2\r\n$3\r\nGET\r\n$60000000\r\nabc"));
                }
                await().atMost(Duration.ofSeconds(30)).until(() -> proxy.proxy().clients() == clients + 1);
                for (Socket socket : sockets) {
                    socket.getOutputStream().write('d'); // a byte at a time
                }
                assertThat(other.call("GET", "b")).isEqualTo("value of b");
                long held = usedDirectMemory() - before;

                System.out.println("FIGURE 500 half requests of 60 MB each hold " + held / 1024 + " KiB");
                assertThat(held).isLessThan(clients * 10L * 1024);
            } finally {
                for (Socket socket : sockets) {
                    socket.close();
                }
            }
            await().atMost(Duration.ofSeconds(30)).until(() -> proxy.proxy().clients() == 1);
        }
    }

    private static long usedDirectMemory() {
        return PooledByteBufAllocator.DEFAULT.metric().directArenas().stream()
                .mapToLong(io.netty.buffer.PoolArenaMetric::numActiveBytes)
                .sum();
    }

    @Test
    void aClientTooManyIsToldSoAndClosed() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(ScriptedServer::sensibly);
                RunningProxy proxy = RunningProxy.overPorts(server.port())
                        .limits(limits(1024, 8 * MIB, 64 * MIB, 2))
                        .start();
                RespClient first = proxy.connect()) {
            RespClient second = proxy.connect();
            assertThat(first.call("PING")).isEqualTo("PONG");
            assertThat(second.call("PING")).isEqualTo("PONG");
            try (RespClient third = proxy.connect()) {
                assertError(third.receive()).contains("max number of clients reached");
                assertThat(third.isAtEnd()).isTrue();
            }

            second.close();

            await().atMost(Duration.ofSeconds(30)).until(() -> proxy.proxy().clients() == 1);
            try (RespClient next = proxy.connect()) {
                assertThat(next.call("GET", "a")).isEqualTo("value of a");
            }
            assertThat(first.call("GET", "b")).isEqualTo("value of b");
        }
    }

    // ---- leaving early

    @Test
    void theRepliesOfAClientThatLeftReachNobodyElse() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(ScriptedServer::silence);
                RunningProxy proxy = RunningProxy.overPorts(server.port()).start();
                RespClient stays = proxy.connect()) {
            for (int round = 0; round < 100; round++) {
                List<Asked> asked = leave(proxy, server, round);
                try (RespClient comes = proxy.connect()) {
                    comes.send("GET", "came" + round);
                    stays.send("GET", "stayed" + round);
                    comes.flush();
                    stays.flush();
                    asked.add(server.next());
                    asked.add(server.next());

                    for (Asked request : asked) {
                        request.replySensibly();
                    }

                    assertThat(comes.receive()).isEqualTo("value of came" + round);
                    assertThat(stays.receive()).isEqualTo("value of stayed" + round);
                }
                await().pollInterval(Duration.ofMillis(1))
                        .until(() -> proxy.proxy().clients() == 1);
            }
        }
    }

    /** A client asks five times and leaves: in even rounds it says that it sends no more, in odd ones it resets. */
    private static List<Asked> leave(RunningProxy proxy, ScriptedServer server, int round) throws Exception {
        List<Asked> asked = new ArrayList<>();
        try (Socket leaves = new Socket(InetAddress.getLoopbackAddress(), proxy.port())) {
            for (int i = 0; i < 5; i++) {
                leaves.getOutputStream().write(ascii("GET left" + round + "." + i + "\r\n"));
            }
            for (int i = 0; i < 5; i++) {
                asked.add(server.next());
            }
            if (round % 2 == 1) {
                leaves.setSoLinger(true, 0);
            }
        }
        if (round % 2 == 1) { // the others are known to be gone only when something is sent to them
            await().pollInterval(Duration.ofMillis(1)).until(() -> proxy.proxy().clients() == 1);
        }
        return asked;
    }

    @ParameterizedTest
    @EnumSource(names = {"EPOLL", "NIO"})
    void aClientThatSendsNoMoreGetsAllItAskedFor(TransportPreference transport) throws Exception {
        int requests = 500;
        try (ScriptedServer server = ScriptedServer.start(ScriptedServer::sensibly);
                RunningProxy proxy = RunningProxy.overPorts(server.port())
                        .transport(transport)
                        .limits(limits(4, 8 * MIB, 64 * MIB, 100)) // so that it is paused again and again
                        .start();
                Socket client = new Socket(InetAddress.getLoopbackAddress(), proxy.port())) {
            client.setSoTimeout(30_000);
            StringBuilder all = new StringBuilder();
            StringBuilder expected = new StringBuilder();
            for (int i = 0; i < requests; i++) {
                all.append("GET key").append(i).append("\r\n");
                expected.append(Asked.bulk("value of key" + i));
            }
            client.getOutputStream().write(ascii(all.toString()));
            client.shutdownOutput();

            byte[] replies = client.getInputStream().readAllBytes();

            assertThat(new String(replies, StandardCharsets.US_ASCII)).isEqualTo(expected.toString());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"EPOLL", "NIO"})
    void evenMoreThanTheSocketTakesAtOnce(TransportPreference transport) throws Exception {
        String value = "v".repeat(12 * MIB);
        try (ScriptedServer server = ScriptedServer.start(asked -> asked.reply(Asked.bulk(value)));
                RunningProxy proxy = RunningProxy.overPorts(server.port())
                        .transport(transport)
                        .start();
                Socket client = slowReader(proxy.port())) {
            client.getOutputStream().write(ascii("GET large\r\n"));
            client.shutdownOutput();

            byte[] reply = client.getInputStream().readAllBytes();

            assertThat(reply).hasSize(Asked.bulk(value).length());
        }
    }

    // ---- holding replies

    /** One of the early replies is always held; what has been written must not stay in memory because of that. */
    @Test
    void earlyRepliesThatNeverRunOutHoldOnlyThemselves() throws Exception {
        int rounds = 1000;
        String value = "v".repeat(40_000);
        ScriptedServer.Script large = asked -> asked.reply(Asked.bulk(value));
        try (ScriptedServer slow = ScriptedServer.start(ScriptedServer::silence);
                ScriptedServer fast = ScriptedServer.start(large);
                RunningProxy proxy =
                        RunningProxy.overPorts(slow.port(), fast.port()).start();
                RespClient client = proxy.connect();
                RespClient other = proxy.connect()) {
            String slowKey = Keys.ownedBy(0, proxy);
            String fastKey = Keys.ownedBy(1, proxy);
            client.send("GET", slowKey);
            client.send("GET", fastKey);
            long before = usedDirectMemory();
            for (int round = 0; round < rounds; round++) {
                client.send("GET", slowKey);
                client.send("GET", fastKey);
                client.flush();
                assertThat(other.call("GET", fastKey)).isEqualTo(value); // so the other one is there too
                slow.next().reply("+round " + round + "\r\n");
                assertThat(client.receive()).isEqualTo("round " + round);
                assertThat(client.receive()).isEqualTo(value);
            }

            long held = usedDirectMemory() - before;
            System.out.println("FIGURE held replies after " + rounds + " rounds: " + held / 1024 + " KiB");
            assertThat(held).isLessThan(4L * MIB); // 40 MB have come by
            slow.next().reply("+end\r\n");
            assertThat(Replies.receive(client, 2)).containsExactly("end", value);
        }
    }

    private static Limits limits(int inFlight, int bufferBytes, int heldBytes, int clients) {
        return new Limits(MIB, 1 << 20, 64 << 10, inFlight, bufferBytes, heldBytes, 65_536, 64 * MIB, clients);
    }
}
