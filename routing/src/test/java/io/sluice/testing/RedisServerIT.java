package io.sluice.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class RedisServerIT {

    @RegisterExtension
    static final RedisServer plain = RedisServer.onFreePort();

    @RegisterExtension
    static final RedisServer locked = RedisServer.onFreePort()
            .withPassword("secret")
            .withArguments("--databases", "3")
            .withUnixSocket();

    @Test
    void answersEveryKindOfReply() throws IOException {
        try (RespClient client = plain.connect()) {
            client.call("MSET", "k1", "one", "k2", "\u00ff\u0000\r\n");

            assertThat(client.call("MGET", "k1", "none", "k2"))
                    .isEqualTo(Arrays.asList("one", null, "\u00ff\u0000\r\n"));
            assertThat(client.call("DEL", "k1")).isEqualTo(1L);
            assertThat(client.call("NOSUCH")).isInstanceOf(RespError.class);
            assertThat(client.call("KEYS", "nothing*")).isEqualTo(List.of());
        }
    }

    @Test
    void asksForItsPasswordOnBothSockets() throws IOException {
        try (RespClient tcp = new RespClient(locked.port());
                RespClient unix = new RespClient(locked.unixSocket())) {
            Object refused = tcp.call("PING");
            Object accepted = unix.call("AUTH", "secret");

            assertThat(refused).isEqualTo(new RespError("NOAUTH Authentication required."));
            assertThat(accepted).isEqualTo("OK");
            assertThat(unix.call("SELECT", "3")).isEqualTo(new RespError("ERR DB index is out of range"));
        }
    }

    @Test
    void standsStillWhilePaused() throws IOException {
        try (RedisServer server = RedisServer.onFreePort()) {
            server.start();
            try (RespClient client = new RespClient("127.0.0.1", server.port(), Duration.ofMillis(100))) {
                server.pause();
                assertThatThrownBy(() -> client.call("PING")).isInstanceOf(SocketTimeoutException.class);

                server.resume();

                assertThat(client.receive()).isEqualTo("PONG");
            }
        }
    }

    @Test
    void comesBackEmptyOnTheSamePortAfterAKill() throws IOException {
        try (RedisServer server = RedisServer.onFreePort()) {
            server.start();
            long firstPid = server.pid();
            try (RespClient client = server.connect()) {
                client.call("SET", "a", "1");
                server.kill();
                assertThat(client.isAtEnd()).isTrue();
            }
            assertThatThrownBy(server::connect).isInstanceOf(ConnectException.class);

            server.restart();

            try (RespClient client = server.connect()) {
                assertThat(client.call("GET", "a")).isNull();
            }
            assertThat(server.pid()).isNotEqualTo(firstPid);
        }
    }

    @Test
    void leavesNoProcessBehind() {
        RedisServer server = RedisServer.onFreePort();
        server.start();
        ProcessHandle process = ProcessHandle.of(server.pid()).orElseThrow();

        server.close();

        assertThat(process.isAlive()).isFalse();
    }
}
