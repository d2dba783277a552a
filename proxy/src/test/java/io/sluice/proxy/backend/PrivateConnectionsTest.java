package io.sluice.proxy.backend;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.metrics.PoolCounters;
import io.sluice.proxy.protocol.resp.RespLimits;
import io.sluice.proxy.protocol.resp.RespProtocol;
import io.sluice.proxy.testing.Budgets;
import io.sluice.proxy.testing.Counting;
import io.sluice.proxy.testing.Healths;
import io.sluice.proxy.testing.RecordingSink;
import io.sluice.proxy.testing.RespFrames;
import io.sluice.proxy.transport.StillLoop;
import io.sluice.routing.topology.ServerAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Connections for one client alone, to a server whose name is never found. */
class PrivateConnectionsTest {

    private final PoolCounters counters = Counting.board(3).counters(0, 0);
    private final StillLoop loop = new StillLoop();
    private final BackendSettings settings = new BackendSettings(
            null,
            null,
            Duration.ofSeconds(1),
            Duration.ofMillis(50),
            Duration.ofMillis(500),
            false,
            false,
            1,
            16,
            10_000,
            Duration.ofMillis(100),
            Duration.ofSeconds(1),
            new RetryRule(100, true));
    private final BackendPools pools = new BackendPools(
            "alpha",
            settings,
            loop.loop(),
            new SplittableRandom(7),
            Budgets.ample(),
            counters,
            new ConnectPacer(1_000, System::nanoTime));
    private final PrivateConnections connections = new PrivateConnections(loop.loop(), counters, 2);
    private final Backend backend = backend();

    @AfterEach
    void leavesNothing() {
        connections.close("the end");
        pools.close();
    }

    @Test
    void thereAreNoMoreThanMayBe() {
        PrivateConnection first = lease();
        lease();

        assertThat(connections.lease(backend)).isNull();
        first.close();

        assertThat(connections.size()).isEqualTo(1);
        assertThat(connections.lease(backend)).isNotNull();
        assertThat(connections.lease(backend)).isNull();
    }

    @Test
    void oneThatWasNeverConnectedIsNotKeptForTheNextClient() {
        PrivateConnection first = lease();

        first.release();

        assertThat(first.isOpen()).isFalse();
        assertThat(connections.size()).isZero();
    }

    @Test
    void allRepliesThatAreOwedBecomeErrorsWhenItIsLost() {
        PrivateConnection connection = lease();
        RecordingSink each = new RecordingSink();
        RecordingSink last = new RecordingSink();
        boolean[] lost = {false};
        connection.onLost(() -> lost[0] = true);
        connection.out().append(RespFrames.bytes(RespFrames.request("MULTI") + RespFrames.request("EXEC")));
        connection.sentTogether(each, 1, last);

        connections.close(backend, "it is gone");

        assertThat(each.text()).startsWith("-ERR Connection refused: server=a waited=");
        assertThat(last.text())
                .startsWith("-ERR Connection refused: server=a waited=")
                .endsWith("cause=it is gone\r\n");
        assertThat(lost[0]).isTrue();
        assertThat(connection.out().isEmpty()).isTrue();
    }

    @Test
    void aWaitThatWasNotSentIsEndedHere() {
        PrivateConnection connection = lease();
        RecordingSink sink = new RecordingSink();
        connection.out().append(RespFrames.bytes(RespFrames.request("BLPOP", "l", "0")));
        connection.sentWaiting(sink, 0);

        assertThat(connection.endWait()).isTrue();

        assertThat(sink.isDone()).isFalse();
        assertThat(connections.size()).isZero();
    }

    private PrivateConnection lease() {
        return Objects.requireNonNull(connections.lease(backend));
    }

    private Backend backend() {
        List<Backend> published = new ArrayList<>();
        pools.use(
                List.of(new PoolServer("a", ServerAddress.tcp("a.invalid", 6379))),
                settings,
                new RespProtocol(new RespLimits(4 << 20, 1024, 1024), null, 0, InstantSource.system()),
                Healths.trusting("a"),
                published::addAll);
        return published.get(0);
    }
}
