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
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Memory runs out in the middle of a request, while its server is being connected to. */
class UnfinishedRequestTest {

    private static final RetryRule MOST_RETRIES = new RetryRule(100, true);

    private final PoolCounters counters = Counting.board(3).counters(0, 0);
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
            MOST_RETRIES);
    private final BackendPools backends = new BackendPools(
            "alpha",
            settings,
            new StillLoop().loop(),
            new SplittableRandom(7),
            Budgets.ample(),
            counters,
            new ConnectPacer(1_000, System::nanoTime));

    /** Sent later, it would have swallowed the begin of the next request. */
    @Test
    void nothingOfItIsKeptForTheNextAttemptToConnect() {
        BackendConnection connection = connection();
        RecordingSink before = new RecordingSink();
        connection.out().append(RespFrames.bytes(RespFrames.request("GET", "k")));
        connection.sent(before, true);

        connection.out().append(RespFrames.bytes("*2\r\n$3\r\nGET\r\n$1000\r\nhal"));
        connection.abandonUnfinished(new OutOfMemoryError("planted"));

        assertThat(connection.out().isEmpty()).isTrue();
        assertThat(before.text()).startsWith("-ERR Connection refused: server=a waited=");
        assertThat(connection.isIdle()).isTrue();
        backends.close();
    }

    private BackendConnection connection() {
        List<Backend> published = new ArrayList<>();
        backends.use(
                List.of(new PoolServer("a", ServerAddress.tcp("a.invalid", 6379))),
                settings,
                new RespProtocol(new RespLimits(4 << 20, 1024, 1024), null, 0, InstantSource.system()),
                Healths.trusting("a"),
                published::addAll);
        return published.get(0).connection(1);
    }
}
