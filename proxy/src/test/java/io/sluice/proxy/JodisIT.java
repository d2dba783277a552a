package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.sluice.proxy.config.Jodis;
import io.sluice.proxy.testing.Ensemble;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.routing.topology.ServerAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.zookeeper.data.Stat;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Jodis clients find in ZooKeeper: children of their product's path, and in them where to connect. */
class JodisIT {

    private static final Duration SOON = Duration.ofSeconds(15);

    private static Ensemble ensemble;

    @TempDir
    private Path folder;

    @BeforeAll
    static void startZooKeeper() throws Exception {
        ensemble = Ensemble.of(1);
    }

    @AfterAll
    static void stopZooKeeper() throws Exception {
        ensemble.close();
    }

    private RunningProxy proxy(boolean compatible) throws Exception {
        ensemble.write(Ensemble.allWith(1, 0, 1));
        Jodis jodis = new Jodis("demo", ServerAddress.tcp("10.0.0.1", 19000), compatible);
        return RunningProxy.in(ensemble.membership("proxy-1", folder).withJodis(jodis))
                .monitored()
                .start();
    }

    private static void awaitNode(String path) {
        await().atMost(SOON).until(() -> ensemble.client().checkExists().forPath(path) != null);
    }

    @Test
    void theNodeIsThereWhileTheProxyAcceptsClientsAndAgainAfterItsSession() throws Exception {
        String path = "/jodis/demo/proxy-proxy-1";
        try (RunningProxy proxy = proxy(false)) {
            awaitNode(path);
            JsonObject json = JsonParser.parseString(
                            new String(ensemble.client().getData().forPath(path), StandardCharsets.UTF_8))
                    .getAsJsonObject();
            assertThat(json.keySet()).containsExactly("addr", "admin", "start", "token", "state");
            assertThat(json.get("addr").getAsString()).isEqualTo("10.0.0.1:19000");
            assertThat(json.get("admin").getAsString()).isEqualTo("127.0.0.1:" + proxy.adminPort());
            assertThat(json.get("token").getAsString()).isEqualTo("proxy-1");
            assertThat(json.get("state").getAsString()).isEqualTo("online");
            Stat first = ensemble.client().checkExists().forPath(path);
            assertThat(first.getEphemeralOwner()).isNotZero();

            ensemble.client().delete().forPath(path); // as the end of its session does
            await().atMost(SOON).until(() -> {
                Stat again = ensemble.client().checkExists().forPath(path);
                return again != null && again.getCzxid() > first.getCzxid();
            });

            proxy.proxy().drainAndStop();
            assertThat(ensemble.client().checkExists().forPath(path)).isNull();
        }
    }

    @Test
    void clientsOfCodis2FindItWhereTheyLook() throws Exception {
        try (RunningProxy proxy = proxy(true)) {
            awaitNode("/zk/codis/db_demo/proxy/proxy-1");

            assertThat(proxy.proxy().clients()).isZero();
        }
    }
}
