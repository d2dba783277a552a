package io.sluice.proxy.backend;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.protocol.resp.RespLimits;
import io.sluice.proxy.protocol.resp.RespProtocol;
import io.sluice.proxy.testing.PoolSettings;
import io.sluice.proxy.testing.RecordingSink;
import io.sluice.proxy.testing.RespFrames;
import io.sluice.proxy.testing.StillServers;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

/** Memory runs out in the middle of a request, while its server is being connected to. */
class UnfinishedRequestTest {

    private static final RetryRule MOST_RETRIES = new RetryRule(100, true);

    private final StillServers still = new StillServers(
            new RespProtocol(new RespLimits(4 << 20, 1024, 1024), null, 0, InstantSource.system()),
            PoolSettings.of(16, 10_000, MOST_RETRIES),
            StillServers.named(6379, "a"));

    /** Sent later, it would have swallowed the begin of the next request. */
    @Test
    void nothingOfItIsKeptForTheNextAttemptToConnect() {
        BackendConnection connection = still.backends().get(0).connection(StillServers.CLIENT);
        RecordingSink before = new RecordingSink();
        connection.out().append(RespFrames.bytes(RespFrames.request("GET", "k")));
        connection.sent(before, true);

        connection.out().append(RespFrames.bytes("*2\r\n$3\r\nGET\r\n$1000\r\nhal"));
        connection.abandonUnfinished(new OutOfMemoryError("planted"));

        assertThat(connection.out().isEmpty()).isTrue();
        assertThat(before.text()).startsWith("-ERR Connection refused: server=a waited=");
        assertThat(connection.isIdle()).isTrue();
        still.close();
    }
}
