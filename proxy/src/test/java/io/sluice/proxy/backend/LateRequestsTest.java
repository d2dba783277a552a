package io.sluice.proxy.backend;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.protocol.resp.RespLimits;
import io.sluice.proxy.protocol.resp.RespProtocol;
import io.sluice.proxy.testing.PoolSettings;
import io.sluice.proxy.testing.RecordingSink;
import io.sluice.proxy.testing.RespFrames;
import io.sluice.proxy.testing.StillServers;
import java.time.Duration;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What still has to be waited for when requests time out. */
class LateRequestsTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private final StillServers still = new StillServers(
            new RespProtocol(new RespLimits(4 << 20, 1024, 1024), null, 0, InstantSource.system()),
            PoolSettings.of(TIMEOUT, 16, 10_000, new RetryRule(100, true)),
            StillServers.named(6379, "a"));
    private final BackendConnection connection = still.backends().get(0).connection(StillServers.CLIENT);

    @AfterEach
    void close() {
        still.close();
    }

    private RecordingSink send(String key) {
        RecordingSink sink = new RecordingSink();
        connection.out().append(RespFrames.bytes(RespFrames.request("INCR", key)));
        connection.sent(sink, false);
        return sink;
    }

    private void pass(Duration time) {
        connection.sweep(still.loop().loop().resources().clock().nanos() + time.toNanos());
    }

    @Test
    void oneThatWasSentIsConcludedOnceItsClientKnowsAndAnsweredNever() {
        RecordingSink sink = send("k");
        still.taken(0);
        pass(TIMEOUT.dividedBy(2));
        assertThat(connection.concludedRequests()).isZero();

        pass(TIMEOUT);

        assertThat(sink.text()).startsWith("-ERR Connection timed out: ");
        assertThat(connection.concludedRequests()).isEqualTo(1);
        assertThat(connection.answeredRequests()).isZero();
    }

    /** It may go out later, when a connection is made. */
    @Test
    void oneThatWasNotSentIsWaitedForThoughItsClientHasGivenUp() {
        send("sent");
        still.taken(0);
        RecordingSink unsent = send("unsent");

        pass(TIMEOUT);

        assertThat(unsent.text()).startsWith("-ERR Connection timed out: ");
        assertThat(connection.concludedRequests()).isEqualTo(1);
    }
}
