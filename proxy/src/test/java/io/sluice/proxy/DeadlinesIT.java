package io.sluice.proxy;

import static io.sluice.proxy.testing.Replies.arriving;
import static io.sluice.proxy.testing.Replies.assertError;
import static io.sluice.proxy.testing.Replies.millisSince;
import static io.sluice.proxy.testing.Replies.receive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sluice.proxy.testing.Replies;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.proxy.testing.ScriptedServer;
import io.sluice.proxy.testing.ScriptedServer.Asked;
import io.sluice.testing.RespClient;
import java.time.Duration;
import java.util.LongSummaryStatistics;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Requests to a server that is late or never answers. */
class DeadlinesIT {

    private static final Duration TIMEOUT = Duration.ofMillis(100);

    /** For a test in which a request must also be answered in time, on a busy machine as well. */
    private static final Duration AMPLE_TIMEOUT = Duration.ofMillis(800);

    /** What a busy machine may add; the log says how much it was. */
    private static final long LATE_MILLIS = 8_000;

    @Test
    void anUnansweredRequestFailsInTimeAndNobodyIsClosed() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(ScriptedServer::silence);
                RunningProxy proxy = proxy(server, TIMEOUT, null).start();
                RespClient client = proxy.connect()) {
            LongSummaryStatistics waits = new LongSummaryStatistics();

            for (int i = 0; i < 10; i++) {
                long start = System.nanoTime();
                assertError(client.call("GET", "key")).startsWith("ERR Connection timed out: server=server0 waited=");
                waits.accept(millisSince(start));
            }

            System.out.println("FIGURE deadline: timeout=" + TIMEOUT.toMillis() + "ms errors after " + waits);
            assertThat(waits.getMin()).isGreaterThanOrEqualTo(TIMEOUT.toMillis());
            assertThat(waits.getMax()).isLessThan(TIMEOUT.toMillis() + LATE_MILLIS);
            assertThat(server.accepts()).isEqualTo(1);
            assertThat(server.open()).isEqualTo(1);
            assertThat(client.call("PING")).isEqualTo("PONG");
        }
    }

    @Test
    void aLateReplyIsSwallowedAndTheNextRequestGetsItsOwn() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(ScriptedServer::silence);
                RunningProxy proxy = proxy(server, AMPLE_TIMEOUT, null).start();
                RespClient client = proxy.connect()) {
            assertError(client.call("GET", "late"));
            server.next().replySensibly();
            client.send("GET", "next");
            client.flush();

            server.next().replySensibly();

            assertThat(client.receive()).isEqualTo("value of next");
            assertThat(server.accepts()).isEqualTo(1);
        }
    }

    @Test
    void aLateReplyMayComeTogetherWithTheNextOne() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(ScriptedServer::silence);
                RunningProxy proxy = proxy(server, AMPLE_TIMEOUT, null).start();
                RespClient client = proxy.connect();
                RespClient other = proxy.connect()) {
            assertError(client.call("GET", "late"));
            Asked late = server.next();
            other.send("GET", "next");
            other.flush();
            Asked next = server.next();

            next.reply(Asked.bulk("late") + Asked.bulk("mine"));

            assertThat(other.receive()).isEqualTo("mine");
            assertThat(late.from()).isSameAs(next.from());
        }
    }

    @Test
    void aLateReplyOfManyMegabytesIsSwallowedToo() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(ScriptedServer::silence);
                RunningProxy proxy = proxy(server, AMPLE_TIMEOUT, null).start();
                RespClient client = proxy.connect()) {
            assertError(client.call("GET", "late"));
            server.next().reply(Asked.bulk("x".repeat(3 << 20)));
            client.send("GET", "next");
            client.flush();

            server.next().replySensibly();

            assertThat(client.receive()).isEqualTo("value of next");
        }
    }

    @Test
    void everyRequestOfAPipelineHasItsDeadline() throws Exception {
        int requests = 200;
        try (ScriptedServer server = ScriptedServer.start(ScriptedServer::silence);
                RunningProxy proxy = proxy(server, AMPLE_TIMEOUT, null).start();
                RespClient client = proxy.connect()) {
            for (int i = 0; i < requests; i++) {
                client.send("GET", "late" + i);
            }
            receive(client, requests).forEach(Replies::assertError);
            for (int i = 0; i < requests; i++) {
                server.next().replySensibly();
            }

            client.send("GET", "next");
            client.flush();
            server.next().replySensibly();

            assertThat(client.receive()).isEqualTo("value of next");
            assertThat(server.accepts()).isEqualTo(1);
        }
    }

    @Test
    void aConnectionIsGivenUpWhenItsOldestRequestIsTooOld() throws Exception {
        Duration hard = Duration.ofMillis(300);
        try (ScriptedServer server = ScriptedServer.start(ScriptedServer::silence);
                RunningProxy proxy = proxy(server, TIMEOUT, hard).start();
                RespClient client = proxy.connect()) {
            long start = System.nanoTime();
            assertError(client.call("GET", "key"));
            Asked lost = server.next();

            await().atMost(Duration.ofSeconds(30))
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> server.open() == 0);

            assertThat(millisSince(start)).isBetween(hard.toMillis(), hard.toMillis() + LATE_MILLIS);
            assertThat(lost.from().isOpen()).isFalse();
            assertThat(client.call("PING")).isEqualTo("PONG");
        }
    }

    @Test
    void aRequestInTheYoungerHalfOfADeadConnectionIsToldWhy() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(ScriptedServer::silence);
                RunningProxy proxy = proxy(server, null, Duration.ofMillis(300)).start();
                RespClient client = proxy.connect()) {
            client.send("GET", "a");
            client.send("GET", "b");

            assertError(client.receive())
                    .startsWith("ERR Connection reset by peer: server=server0")
                    .contains("no reply");
            assertError(client.receive())
                    .startsWith("ERR Connection reset by peer: server=server0")
                    .contains("no reply");
        }
    }

    @Test
    void withoutATimeoutARequestWaits() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(ScriptedServer::silence);
                RunningProxy proxy = proxy(server, null, null).start();
                RespClient client = proxy.connect()) {
            client.send("GET", "key");
            CompletableFuture<@Nullable Object> reply = arriving(client);
            Asked asked = server.next();

            assertNothingArrives(reply, Duration.ofMillis(300));
            asked.replySensibly();

            assertThat(reply.get(30, TimeUnit.SECONDS)).isEqualTo("value of key");
        }
    }

    @Test
    void aStreamedReplyThatStallsEndsAtTheHardTimeout() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(ScriptedServer::silence);
                RunningProxy proxy =
                        proxy(server, TIMEOUT, Duration.ofMillis(400)).start();
                RespClient client = proxy.connect()) {
            client.send("GET", "large");
            client.flush();
            server.next().reply("$1000000\r\n" + "x".repeat(300_000));

            assertThatThrownBy(client::receive).hasMessageContaining("does not end as it should");
        }
    }

    private static void assertNothingArrives(CompletableFuture<?> reply, Duration window) {
        assertThatThrownBy(() -> reply.get(window.toMillis(), TimeUnit.MILLISECONDS))
                .isInstanceOf(TimeoutException.class);
    }

    private static RunningProxy proxy(ScriptedServer server, @Nullable Duration timeout, @Nullable Duration hard) {
        return RunningProxy.overPorts(server.port()).timeout(timeout, hard);
    }
}
