package io.sluice.proxy.config;

import static io.sluice.proxy.config.ConfigText.read;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ConfigSummaryTest {

    @Test
    void countsAndShowsThePools() {
        ProxyConfig config = read("""
                pools:
                  alpha:
                    listen: 127.0.0.1:22121
                    hash_tag: "{}"
                    servers: ['10.0.0.1:1:1 a', '10.0.0.1:2:1 b', '10.0.0.1:3:1 c', '10.0.0.1:4:1 d', '10.0.0.1:5:1 e']
                  cluster:
                    listen: /tmp/c.sock 0600
                    distribution: slots
                    protocol: memcached
                    servers: ['10.0.0.1:1:1']
                """);

        String summary = ConfigSummary.of(Path.of("conf/a.yaml"), config);

        assertThat(summary).isEqualTo("""
                conf/a.yaml: ok: 2 pools, 6 servers

                  pool     listen            protocol  placement           servers
                  alpha    127.0.0.1:22121   redis     fnv1a_64 ketama {}  5: a b c d and 1 more
                  cluster  /tmp/c.sock 0600  memcache  16384 slots         1: 10.0.0.1:1""");
    }

    @Test
    void oneIsNotMany() {
        ProxyConfig config = read(ConfigText.twemproxyPool());

        assertThat(ConfigSummary.of(Path.of("f.yml"), config)).startsWith("f.yml: ok: 1 pool, 1 server\n");
    }
}
