package io.sluice.proxy.backend;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.protocol.resp.RespLimits;
import io.sluice.proxy.protocol.resp.RespProtocol;
import io.sluice.proxy.testing.PoolSettings;
import io.sluice.proxy.testing.RecordingSink;
import io.sluice.proxy.testing.RespFrames;
import io.sluice.proxy.testing.StillServers;
import java.time.InstantSource;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Connections for one client alone, to a server whose name is never found. */
class PrivateConnectionsTest {

    private final StillServers still = new StillServers(
            new RespProtocol(new RespLimits(4 << 20, 1024, 1024), null, 0, InstantSource.system()),
            PoolSettings.of(16, 10_000, new RetryRule(100, true)),
            StillServers.named(6379, "a"));
    private final PrivateConnections connections =
            new PrivateConnections(still.loop().loop(), still.counters(), 2);
    private final Backend backend = still.backends().get(0);

    @AfterEach
    void leavesNothing() {
        connections.close("the end");
        still.close();
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
}
