package io.sluice.routing.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ServerTest {

    @Test
    void shorterNamesComeFirstThenTheBytesDecide() {
        Stream<String> names = Stream.of("gamma", "alpha", "beta", "b", "é", "zz", "aa", "10.0.0.10:1", "10.0.0.2:1");

        Stream<String> sorted =
                names.map(ServerTest::named).sorted(Server.RING_ORDER).map(Server::name);

        assertThat(sorted).containsExactly("b", "aa", "zz", "é", "beta", "alpha", "gamma", "10.0.0.2:1", "10.0.0.10:1");
    }

    @Test
    void namesAreDerivedAsTwemproxyDoes() {
        assertThat(Server.ringName(ServerAddress.tcp("10.0.0.1", 6379))).isEqualTo("10.0.0.1:6379");
        assertThat(Server.ringName(ServerAddress.tcp("10.0.0.1", 11211))).isEqualTo("10.0.0.1");
        assertThat(Server.ringName(ServerAddress.tcp("::1", 6379))).isEqualTo("::1:6379");
        assertThat(Server.ringName(ServerAddress.unix("/run/redis.sock"))).isEqualTo("/run/redis.sock:");
    }

    private static Server named(String name) {
        return new Server(name, ServerAddress.tcp("127.0.0.1", 6379), 1);
    }
}
