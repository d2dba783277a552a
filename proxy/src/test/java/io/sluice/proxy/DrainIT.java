package io.sluice.proxy;

import static io.sluice.proxy.testing.Replies.millisSince;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.sluice.proxy.config.ProxyConfig.TransportPreference;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.proxy.testing.ScriptedServer;
import io.sluice.proxy.testing.ScriptedServer.Asked;
import io.sluice.testing.RespClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How a proxy ends, and how it does not start. */
class DrainIT {

    @ParameterizedTest
    @EnumSource(names = {"EPOLL", "NIO"})
    void repliesInFlightAreDeliveredBeforeTheEnd(TransportPreference transport) throws Exception {
        try (ScriptedServer server = ScriptedServer.start(ScriptedServer::silence);
                RunningProxy proxy = RunningProxy.overPorts(server.port())
                        .transport(transport)
                        .workers(2)
                        .start();
                RespClient client = proxy.connect();
                RespClient idle = proxy.connect()) {
            assertThat(idle.call("PING")).isEqualTo("PONG");
            client.send("GET", "a");
            client.send("GET", "b");
            client.flush();
            Asked a = server.next();
            Asked b = server.next();

            CompletableFuture<Void> drained =
                    CompletableFuture.runAsync(() -> proxy.proxy().drainAndStop());

            await().atMost(Duration.ofSeconds(30)).until(() -> refuses(proxy.port()));
            assertThat(idle.isAtEnd()).isTrue();
            assertThatThrownBy(() -> drained.get(200, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
            a.replySensibly();
            assertThat(client.receive()).isEqualTo("value of a");
            b.replySensibly();
            assertThat(client.receive()).isEqualTo("value of b");
            assertThat(client.isAtEnd()).isTrue();
            drained.get(30, TimeUnit.SECONDS);
            assertPortIsFree(proxy.port());
            await().atMost(Duration.ofSeconds(30)).until(() -> server.open() == 0);
        }
    }

    /** Its requests lie unread in our socket: closing at once would make the kernel drop the replies on their way. */
    @ParameterizedTest
    @EnumSource(names = {"IO_URING", "EPOLL", "NIO"})
    void aSlowReaderThatHasAskedForMoreStillGetsAllThatWasExecuted(TransportPreference transport) throws Exception {
        String value = "v".repeat(200_000);
        AtomicInteger executed = new AtomicInteger();
        try (ScriptedServer server = ScriptedServer.start(asked -> {
                    executed.incrementAndGet();
                    asked.reply("$" + value.length() + "\r\n" + value + "\r\n");
                });
                RunningProxy proxy = RunningProxy.overPorts(server.port())
                        .transport(transport)
                        .start();
                RespClient client = proxy.connect()) {
            Thread asking = new Thread(() -> askUntilItFails(client));
            asking.start();
            await().atMost(Duration.ofSeconds(30)).until(() -> executed.get() > 40);

            CompletableFuture<Void> drained =
                    CompletableFuture.runAsync(() -> proxy.proxy().drainAndStop());

            await().atMost(Duration.ofSeconds(30)).until(() -> refuses(proxy.port()));
            int replies = 0;
            while (!client.isAtEnd()) {
                assertThat(client.receive()).isEqualTo(value);
                replies++;
            }
            drained.get(30, TimeUnit.SECONDS);
            asking.join(30_000);
            assertThat(replies).isEqualTo(executed.get());
        }
    }

    private static void askUntilItFails(RespClient client) {
        try {
            for (int i = 0; i < 20_000; i++) {
                client.sendRaw("*2\r\n$3\r\nGET\r\n$3\r\nbig\r\n".getBytes(StandardCharsets.US_ASCII));
            }
            client.flush();
        } catch (IOException closedMeanwhile) {
            return; // the proxy takes no more; what it has answered is counted by the test
        }
    }

    /** Who was waiting to be accepted when the listener closed is reset instead. */
    private static boolean refuses(int port) throws IOException {
        try (RespClient late = new RespClient(port)) {
            return late.isAtEnd();
        } catch (SocketException refusedOrReset) {
            return true;
        }
    }

    private static void assertPortIsFree(int port) throws IOException {
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        }
    }

    @Test
    void aServerThatNeverAnswersHoldsTheEndUpToItsLimitOnly() throws Exception {
        Duration limit = Duration.ofMillis(400);
        try (ScriptedServer server = ScriptedServer.start(ScriptedServer::silence);
                RunningProxy proxy = RunningProxy.overPorts(server.port())
                        .shutdownTimeout(limit)
                        .timeout(null, null)
                        .start();
                RespClient client = proxy.connect()) {
            client.send("GET", "key");
            client.flush();
            server.next();
            long start = System.nanoTime();

            proxy.proxy().drainAndStop();

            System.out.println("FIGURE drain: limit=" + limit.toMillis() + "ms took " + millisSince(start) + "ms");
            assertThat(millisSince(start)).isBetween(limit.toMillis(), limit.toMillis() + 8_000);
            assertThat(client.isAtEnd()).isTrue();
            assertPortIsFree(proxy.port());
        }
    }

    @Test
    void drainingWithoutClientsEndsAtOnceAndTwiceIsHarmless() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(ScriptedServer::sensibly);
                RunningProxy proxy = RunningProxy.overPorts(server.port())
                        .shutdownTimeout(Duration.ofSeconds(30))
                        .start()) {
            long start = System.nanoTime();

            proxy.proxy().drainAndStop();
            proxy.proxy().drainAndStop();

            assertThat(millisSince(start)).isLessThan(20_000);
        }
    }

    @Test
    void aTakenPortIsOneLineAndLeavesNoThreadBehind() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            RunningProxy second = RunningProxy.overPorts(1)
                    .listen(io.sluice.routing.topology.ServerAddress.tcp("127.0.0.1", taken.getLocalPort()));

            assertDoesNotStart(second, taken.getLocalPort());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"EPOLL", "NIO"})
    void aPortSharedByAnotherSluiceIsTakenToo(TransportPreference transport) throws Exception {
        try (RunningProxy first = RunningProxy.overPorts(1).transport(transport).start()) {
            RunningProxy second = RunningProxy.overPorts(1)
                    .transport(transport)
                    .listen(io.sluice.routing.topology.ServerAddress.tcp("127.0.0.1", first.port()));

            assertDoesNotStart(second, first.port());

            try (RespClient client = first.connect()) {
                assertThat(client.call("PING")).isEqualTo("PONG");
            }
        }
    }

    private static void assertDoesNotStart(RunningProxy proxy, int port) {
        Set<Thread> before = new HashSet<>(Thread.getAllStackTraces().keySet());

        ProxyStartException failure = catchThrowableOfType(ProxyStartException.class, proxy::start);

        assertThat(failure.getMessage())
                .startsWith("pool alpha: cannot listen on 127.0.0.1:" + port)
                .containsIgnoringCase("address already in use")
                .doesNotContain("\n");
        Set<Thread> more = new HashSet<>(Thread.getAllStackTraces().keySet());
        more.removeAll(before);
        assertThat(more).extracting(Thread::getName).noneMatch(name -> name.matches("(worker|resolver).*"));
    }
}
