package io.sluice.proxy.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ConfigPlanTest {

    private static final String BASE = """
            limits:
              max_clients: 100
            pools:
              alpha:
                listen: 127.0.0.1:1
                redis_auth: secret-one
                servers:
                - 127.0.0.1:6379:1 a
                - 127.0.0.1:6380:1 b
            """;

    @Test
    void theSameFileChangesNothing() {
        ConfigPlan plan = plan(BASE);

        assertThat(plan.isEmpty()).isTrue();
        assertThat(plan.text()).isEqualTo("nothing changes");
    }

    @Test
    void anAddedServerIsShownWithTheShareOfKeysItTakes() {
        ConfigPlan plan = plan(BASE + "    - 127.0.0.1:6381:2 c\n");

        assertThat(plan.isLive()).isTrue();
        assertThat(plan.changes().get(0)).isEqualTo("+ pool alpha: server c at 127.0.0.1:6381, weight 2");
        assertThat(share(plan)).isBetween(40.0, 60.0); // two of four parts
    }

    @Test
    void aRemovedServerIsShownWithTheTimeItHas() {
        ConfigPlan plan = plan("drain_timeout: 2s\n" + BASE.replace("    - 127.0.0.1:6380:1 b\n", ""));

        assertThat(plan.changes())
                .contains("~ drain_timeout: 30000ms -> 2000ms")
                .contains(
                        "- pool alpha: server b at 127.0.0.1:6380, weight 1 (answers what it has, for at most 2000ms)");
        assertThat(share(plan)).isBetween(35.0, 65.0);
    }

    @Test
    void aServerThatMovesKeepsItsKeys() {
        ConfigPlan plan = plan(BASE.replace("6380:1 b", "7380:1 b"));

        assertThat(plan.changes())
                .contains("~ pool alpha: server b: 127.0.0.1:6380 -> 127.0.0.1:7380 (keeps its keys; new connections)");
        assertThat(share(plan)).isZero();
    }

    @Test
    void theShareOfSlotsIsExact() {
        String slots = BASE.replace(
                "    servers:", "    distribution: slots\n    slot_ranges: {a: 0-8191, b: 8192-16383}\n    servers:");

        ConfigPlan plan = plan(slots, slots.replace("0-8191", "0-9829").replace("8192-", "9830-"));

        assertThat(plan.text()).contains("10.0 % of the key space");
    }

    @Test
    void poolsAreNamed() {
        String two = BASE + "  beta:\n    listen: 127.0.0.1:2\n    servers: ['127.0.0.1:6379:1']\n";

        assertThat(plan(BASE, two).text()).isEqualTo("+ pool beta: listens on 127.0.0.1:2, 1 servers");
        assertThat(plan(two, BASE).text())
                .isEqualTo("- pool beta: its clients are closed once they have their replies");
    }

    @Test
    void whatNeedsARestartIsNamedByItsKey() {
        ConfigPlan plan = plan("workers: 3\n" + BASE.replace("redis_auth: secret-one", "backlog: 99"));

        assertThat(plan.isLive()).isFalse();
        assertThat(plan.needRestart()).containsExactly("~ workers: 0 -> 3", "~ pool alpha: backlog: 512 -> 99");
        assertThat(plan.changes()).singleElement().asString().startsWith("~ pool alpha: redis_auth: ");
        assertThat(plan.text()).contains("needs a restart");
    }

    @Test
    void passwordsAreNotShown() {
        ConfigPlan plan = plan(BASE.replace("secret-one", "secret-two"));

        assertThat(plan.text()).contains("~ pool alpha: redis_auth: changed").doesNotContain("secret");
    }

    @Test
    void everyKeyOfTheFileIsCompared() {
        assertThat(ConfigKeys.ofFile(parse(BASE)))
                .containsKeys("workers", "shutdown_timeout", "admin", "stats", "limits.max_clients", "drain_timeout");
        assertThat(ConfigKeys.ofPool(parse(BASE).pools().get(0)))
                .containsKeys(
                        "listen", "timeout", "ejection", "server_failure_limit", "tcpkeepalive", "max_clients", "tls");
    }

    private static double share(ConfigPlan plan) {
        return plan.changes().stream()
                .filter(line -> line.contains("of the key space"))
                .mapToDouble(line -> Double.parseDouble(line.replaceAll(".*: ([0-9.]+) % of.*", "$1")))
                .findFirst()
                .orElseThrow();
    }

    private static ConfigPlan plan(String after) {
        return plan(BASE, after);
    }

    private static ConfigPlan plan(String before, String after) {
        return ConfigPlan.between(parse(before), parse(after));
    }

    private static ProxyConfig parse(String yaml) {
        return ProxyConfigFile.parse("test.yaml", yaml.getBytes(StandardCharsets.UTF_8));
    }
}
