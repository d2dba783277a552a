package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.config.ProxyConfig.TransportPreference;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is said to a server before its first request, on every transport. */
class HandshakeIT {

    private static final String PASSWORD = "open sesame";
    private static final int DATABASE = 3;

    @RegisterExtension
    static final RedisServer redis = RedisServer.onFreePort().withPassword(PASSWORD);

    @ParameterizedTest
    @EnumSource(names = "AUTO", mode = EnumSource.Mode.EXCLUDE)
    void passwordAndDatabaseAreSaidOnEveryTransport(TransportPreference transport) throws Exception {
        String key = "key of " + transport;
        try (RunningProxy proxy = RunningProxy.overPorts(redis.port())
                        .redisAuth(PASSWORD)
                        .redisDb(DATABASE)
                        .transport(transport)
                        .start();
                RespClient client = proxy.connect();
                RespClient direct = redis.connect()) {
            client.call("AUTH", PASSWORD);

            assertThat(client.call("SET", key, "value")).isEqualTo("OK");

            direct.call("AUTH", PASSWORD);
            direct.call("SELECT", String.valueOf(DATABASE));
            assertThat(direct.call("GET", key)).isEqualTo("value");
        }
    }
}
