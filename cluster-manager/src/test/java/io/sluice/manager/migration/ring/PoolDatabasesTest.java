package io.sluice.manager.migration.ring;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.manager.store.ProxyState;
import io.sluice.routing.cluster.ProxyRegistration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PoolDatabasesTest {

    private static ProxyState proxy(Map<String, String> pools, Map<String, Integer> databases, String unreadable) {
        ProxyRegistration registration =
                new ProxyRegistration("run-1", "1", "", Instant.EPOCH, pools).withDatabases(databases);
        return new ProxyState("p", registration, Optional.empty(), 0, 0, Instant.EPOCH, true, unreadable);
    }

    private static ProxyState serving(int database) {
        return proxy(Map.of("jobs", "127.0.0.1:1"), Map.of("jobs", database), "");
    }

    private static final ProxyState OF_OTHERS = proxy(Map.of("pages", "127.0.0.1:2"), Map.of("pages", 9), "");

    @Test
    void theyAreThoseThatTheProxiesOfThePoolUse() {
        assertThat(PoolDatabases.of("jobs", List.of(serving(0), OF_OTHERS)).known())
                .contains(Set.of(0));
        assertThat(PoolDatabases.of("jobs", List.of(serving(0), serving(3))).known())
                .contains(Set.of(0, 3));
    }

    @Test
    void theyMayBeAnyAsLongAsAProxyDoesNotSay() {
        ProxyState older = proxy(Map.of("jobs", "127.0.0.1:1"), Map.of(), "");
        ProxyState odd = proxy(Map.of(), Map.of(), "its registration cannot be read");

        assertThat(PoolDatabases.of("jobs", List.of(serving(0), older)).known()).isEmpty();
        assertThat(PoolDatabases.of("jobs", List.of(odd, serving(0))).known()).isEmpty();
        assertThat(PoolDatabases.of("jobs", List.of(OF_OTHERS)).known()).isEmpty();
        assertThat(PoolDatabases.of("jobs", List.of()).mayHave(7)).isTrue();
    }
}
