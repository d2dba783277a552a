package io.sluice.manager.failover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.manager.redis.RedisLogin;
import io.sluice.routing.config.ConfigException;
import io.sluice.routing.config.YamlReader;
import io.sluice.routing.config.YamlSection;
import io.sluice.routing.topology.ServerAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FailoverConfigTest {

    @Test
    void withoutItsKeysThereAreNoSentinelsAndRolesArePolled() {
        FailoverConfig config = read("cluster: main");

        assertThat(config).isEqualTo(FailoverConfig.DEFAULT);
        assertThat(config.polling().enabled()).isTrue();
    }

    @Test
    void readsSentinelsRolesAndLogins(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("password"), "secret of the servers\n");

        FailoverConfig config = read("""
                sentinel:
                  addresses: [10.0.0.1:26379, 10.0.0.2:26379, 10.0.0.3:26379]
                  interval: 2s
                  timeout: 300ms
                  user: watcher
                  password: hush
                  master_name: "{pool}-{shard}"
                  masters:
                    cache:
                      s2: mymaster
                role_poll:
                  enabled: false
                pools:
                  cache:
                    server_user: manager
                    server_password_file: %s
                """.formatted(file));

        SentinelConfig sentinels = Objects.requireNonNull(config.sentinels());
        assertThat(sentinels.addresses()).hasSize(3).contains(ServerAddress.tcp("10.0.0.2", 26379));
        assertThat(sentinels.quorum()).isEqualTo(2);
        assertThat(sentinels.interval()).isEqualTo(Duration.ofSeconds(2));
        assertThat(sentinels.timeout()).isEqualTo(Duration.ofMillis(300));
        assertThat(sentinels.login()).isEqualTo(new RedisLogin("watcher", "hush", null));
        assertThat(sentinels.names().of("cache", "s1")).isEqualTo("cache-s1");
        assertThat(sentinels.names().of("cache", "s2")).isEqualTo("mymaster");
        assertThat(config.polling().enabled()).isFalse();
        assertThat(config.logins().of("cache")).isEqualTo(new RedisLogin("manager", "secret of the servers", null));
        assertThat(config.logins().of("other")).isEqualTo(RedisLogin.NONE);
        assertThat(config.toString()).doesNotContain("hush").doesNotContain("secret");
    }

    @Test
    void tellsAllMistakesWithTheirLines() {
        assertThatThrownBy(() -> read("""
                        sentinel:
                          addresses: [10.0.0.1, 10.0.0.2:26379, 10.0.0.2:26379]
                          quorum: 9
                          user: watcher
                          master_name: everybody
                          masters:
                            cache:
                              s2: "my master"
                          quorom: 2
                        role_poll:
                          interval: 1ms
                        pools:
                          cache:
                            server_tls_ca: ca.pem
                            server_pasword: x
                        """))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("manager.yaml:2:15: sentinel.addresses: '10.0.0.1' is not a sentinel")
                .hasMessageContaining("manager.yaml:2:41: sentinel.addresses: stands there twice")
                .hasMessageContaining(
                        "manager.yaml:3:11: sentinel.quorum: '9' is out of range; expected an integer from 1 to")
                .hasMessageContaining("manager.yaml:4:9: sentinel.user: has no password")
                .hasMessageContaining("manager.yaml:5:16: sentinel.master_name: 'everybody' is not a rule for names")
                .hasMessageContaining(
                        "manager.yaml:8:11: sentinel.masters.cache.s2: 'my master' is not a master's name")
                .hasMessageContaining("manager.yaml:9:3: sentinel.quorom: unknown key; did you mean 'quorum'?")
                .hasMessageContaining("manager.yaml:11:13: role_poll.interval: ")
                .hasMessageContaining("manager.yaml:14:20: pools.cache.server_tls_ca: has no effect without server_tls")
                .hasMessageContaining("pools.cache.server_pasword: unknown key; did you mean 'server_password'?")
                .hasMessageNotContaining("'x'");
    }

    private static FailoverConfig read(String yaml) {
        YamlSection document = YamlReader.parse("manager.yaml", yaml.getBytes(StandardCharsets.UTF_8));
        FailoverConfig config = FailoverConfig.read(document);
        document.throwIfMistaken();
        return config;
    }
}
