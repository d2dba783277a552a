package io.sluice.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ToxicRelayIT {

    private static final Duration SHORT = Duration.ofMillis(200);

    @RegisterExtension
    static final RedisServer redis = RedisServer.onFreePort();

    private static RespClient through(ToxicRelay relay) throws IOException {
        return new RespClient("127.0.0.1", relay.port(), SHORT);
    }

    @Test
    void aCutOneIsSilentAndWhatWasCutBreaksWhenItHeals() throws Exception {
        try (ToxicRelay relay = ToxicRelay.to(redis.port());
                RespClient client = through(relay)) {
            assertThat(client.call("PING")).isEqualTo("PONG");

            relay.cut();

            assertThatThrownBy(() -> client.call("PING")).isInstanceOf(SocketTimeoutException.class);
            relay.heal();
            assertThatThrownBy(client::receive).isInstanceOf(IOException.class);
            try (RespClient next = through(relay)) {
                assertThat(next.call("PING")).isEqualTo("PONG");
            }
        }
    }

    @Test
    void oneProcessAloneCanBeCutOff() throws Exception {
        long own = ProcessHandle.current().pid();
        try (ToxicRelay relay = ToxicRelay.to(redis.port());
                RespClient client = through(relay)) {
            assertThat(client.call("PING")).isEqualTo("PONG");

            relay.cut(own + 1_000_000);
            assertThat(client.call("PING")).isEqualTo("PONG");
            relay.cut(own);

            assertThatThrownBy(() -> client.call("PING")).isInstanceOf(SocketTimeoutException.class);
        }
    }

    @Test
    void oneThatRefusesResetsOldAndNewConnections() throws Exception {
        try (ToxicRelay relay = ToxicRelay.to(redis.port());
                RespClient client = through(relay)) {
            assertThat(client.call("PING")).isEqualTo("PONG");

            relay.refuse();

            assertThatThrownBy(() -> client.call("PING")).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> through(relay).call("PING")).isInstanceOf(IOException.class);
            await().until(() -> relay.connections() == 0);
        }
    }

    @Test
    void aDelayTakesItsTimeInBothDirectionsAndAHalfCloseEndsAtTheServer() throws Exception {
        try (ToxicRelay relay = ToxicRelay.to(redis.port());
                RespClient client = new RespClient(relay.port())) {
            relay.delay(Duration.ofMillis(100));
            long begin = System.nanoTime();
            assertThat(client.call("PING")).isEqualTo("PONG");
            assertThat(System.nanoTime() - begin)
                    .isGreaterThanOrEqualTo(Duration.ofMillis(200).toNanos());

            relay.endRequests();

            assertThatThrownBy(client::receive).isInstanceOf(IOException.class);
        }
    }
}
