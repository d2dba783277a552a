package io.sluice.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class NutcrackerServerIT {

    @RegisterExtension
    static final RedisServer redis = RedisServer.onFreePort();

    @RegisterExtension
    static final NutcrackerServer nutcracker =
            NutcrackerServer.withConfig("""
            alpha:
              listen: 127.0.0.1:%d
              redis: true
              servers:
               - 127.0.0.1:%d:1
            """.formatted(FreePorts.next(), redis.port()));

    @Test
    void passesRequestsToRedis() throws IOException {
        try (RespClient client = new RespClient(nutcracker.ports().get(0));
                RespClient direct = redis.connect()) {
            client.call("SET", "a", "1");

            assertThat(direct.call("GET", "a")).isEqualTo("1");
        }
    }
}
