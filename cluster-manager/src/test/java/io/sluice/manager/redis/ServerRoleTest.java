package io.sluice.manager.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.routing.topology.ServerAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

class ServerRoleTest {

    @Test
    void readsAPrimary() {
        assertThat(ServerRole.of(List.of("master", 3129659L, List.of(List.of("127.0.0.1", "9001", "3129242")))))
                .isEqualTo(new ServerRole.Primary());
    }

    @Test
    void readsAReplicaAndWhomItFollows() {
        assertThat(ServerRole.of(List.of("slave", "10.0.0.1", 6379L, "connected", 3167038L)))
                .isEqualTo(new ServerRole.Replica(ServerAddress.tcp("10.0.0.1", 6379), "connected"));
    }

    @Test
    void whatIsNoServerIsUnknown() {
        assertThat(ServerRole.of(List.of("sentinel", List.of("s1")))).isInstanceOf(ServerRole.Unknown.class);
        assertThat(ServerRole.of(List.of("emperor"))).isInstanceOf(ServerRole.Unknown.class);
        assertThat(ServerRole.of(List.of())).isInstanceOf(ServerRole.Unknown.class);
        assertThat(ServerRole.of(List.of("slave", "10.0.0.1"))).isInstanceOf(ServerRole.Unknown.class);
        assertThat(ServerRole.of(List.of("slave", "", 0L, "connect", -1L))).isInstanceOf(ServerRole.Unknown.class);
    }
}
