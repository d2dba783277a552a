package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sluice.proxy.testing.Ensemble;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.proxy.topology.MemberStatus;
import io.sluice.routing.cluster.Heartbeat;
import io.sluice.routing.cluster.ProxyRegistration;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.zookeeper.KeeperException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes of one name that follow each other, as the cluster sees them. */
class FormerProcessesIT {

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String ID = "proxy-1";

    private static Ensemble ensemble;

    @TempDir
    private Path folder;

    private final List<RunningProxy> started = new ArrayList<>();

    @BeforeAll
    static void startZooKeeper() throws Exception {
        ensemble = Ensemble.of(1);
    }

    @AfterAll
    static void stopZooKeeper() throws Exception {
        ensemble.close();
    }

    @AfterEach
    void forgetEverything() throws Exception {
        started.forEach(RunningProxy::close);
        ensemble.client().delete().deletingChildrenIfNeeded().forPath(Ensemble.PATHS.root());
    }

    private RunningProxy start(String place) throws Exception {
        RunningProxy proxy = RunningProxy.in(ensemble.membership(ID, folder.resolve(place)));
        started.add(proxy);
        return proxy.start();
    }

    private static MemberStatus status(RunningProxy proxy) {
        return proxy.proxy().membership().orElseThrow();
    }

    private static List<String> registered() throws Exception {
        return ensemble.client().getChildren().forPath(Ensemble.PATHS.proxies()).stream()
                .sorted()
                .toList();
    }

    private static String incarnation(String name) throws Exception {
        return ensemble.registration(name).orElseThrow().incarnation();
    }

    private static void awaitApplied(String name, long epoch) {
        await().atMost(SOON)
                .ignoreException(KeeperException.NoNodeException.class) // not registered yet
                .until(() -> ensemble.heartbeat(name).applied() == epoch);
    }

    @Test
    void aProcessWhoseNameIsTakenElsewhereIsCountedBesideTheOtherOneUntilItEnds() throws Exception {
        ensemble.write(Ensemble.allWith(1, 0, 1));
        RunningProxy first = start("here");
        awaitApplied(ID, 1);
        String former = ID + ".former-" + incarnation(ID).substring(0, 8);
        String incarnation = incarnation(ID);

        RunningProxy second = start("there");

        assertThat(registered()).containsExactly(ID, former); // from the first moment on
        assertThat(incarnation(former)).isEqualTo(incarnation);
        assertThat(incarnation(ID)).isNotEqualTo(incarnation);
        await().atMost(SOON).until(() -> status(first).superseded());
        ensemble.write(Ensemble.allWith(2, 0, 1));
        awaitApplied(former, 2);
        awaitApplied(ID, 2);
        assertThat(status(first).trouble())
                .hasValueSatisfying(text -> assertThat(text)
                        .contains("another process is registered as proxy 'proxy-1', this one as '" + former + "'"));

        first.proxy().drainAndStop();

        assertThat(registered()).containsExactly(ID);
        assertThat(status(second).superseded()).isFalse();
    }

    @Test
    void oneThatIsCutOffIsCountedAsItWasLast() throws Exception {
        ensemble.write(Ensemble.allWith(1, 0, 1));
        RunningProxy first = start("here");
        awaitApplied(ID, 1);
        String former = ID + ".former-" + incarnation(ID).substring(0, 8);
        first.close(); // without a word to the cluster

        start("there");
        ensemble.write(Ensemble.allWith(2, 0, 1));
        awaitApplied(ID, 2);

        assertThat(registered()).containsExactly(ID, former);
        assertThat(ensemble.heartbeat(former).applied()).isEqualTo(1);
    }

    @Test
    void theNextInTheSameHomeKnowsThatTheFormerOneHasEnded() throws Exception {
        ensemble.write(Ensemble.allWith(1, 0, 1));
        RunningProxy first = start("here");
        awaitApplied(ID, 1);
        first.close();
        String next = ID + ".former-";
        RunningProxy again = start("here");
        awaitApplied(ID, 1);
        assertThat(registered()).containsExactly(ID);
        String second = next + incarnation(ID).substring(0, 8);
        again.close();
        RunningProxy elsewhere = start("there");
        awaitApplied(ID, 1);
        assertThat(registered()).containsExactly(ID, second);
        String third = next + incarnation(ID).substring(0, 8);
        elsewhere.close();

        start("here"); // holds the home of the second, and knows nothing of the third

        awaitApplied(ID, 1);
        assertThat(registered()).containsExactly(ID, third);
    }

    @Test
    void oneThatLeftInOrderDoesNotServeByItsLastGoodFileUnlessSomebodySaysSo() throws Exception {
        ensemble.write(Ensemble.allWith(1, 0, 1));
        RunningProxy proxy = start("here");
        Path lastGood = ensemble.membership(ID, folder.resolve("here")).lastGood();
        await().atMost(SOON).until(() -> Files.exists(lastGood));
        proxy.proxy().drainAndStop();
        assertThat(registered()).isEmpty();
        Path home = ensemble.membership(ID, folder.resolve("here")).home();
        ensemble.stopAll();
        try {
            assertThatThrownBy(() -> start("here"))
                    .isInstanceOf(ProxyStartException.class)
                    .hasMessageContaining("it left cluster 'blue'")
                    .hasMessageContaining("remove " + home)
                    .hasMessageContaining("epoch 1");

            Files.delete(home);
            RunningProxy again = start("here");

            await().atMost(SOON).until(() -> status(again).epoch() == 1);
        } finally {
            ensemble.restart(0);
        }
        awaitApplied(ID, 1);
    }

    @Test
    void thoseOfOneNameAreBoundedAndTheOldestIsNotForgotten() throws Exception {
        ensemble.write(Ensemble.allWith(1, 0, 1));
        ensemble.client().create().creatingParentsIfNeeded().forPath(Ensemble.PATHS.proxies());
        for (int i = 0; i < 9; i++) {
            String name = i == 8 ? ID : ID + ".former-0000000" + i;
            String incarnation = "0000000" + i;
            ensemble.client()
                    .create()
                    .forPath(
                            Ensemble.PATHS.proxy(name),
                            new ProxyRegistration(incarnation, "1", "", Instant.EPOCH, Map.of()).bytes());
            ensemble.client()
                    .create()
                    .forPath(Ensemble.PATHS.heartbeat(name), new Heartbeat(incarnation, 1, 100 + i, 0, "").bytes());
        }

        start("here");

        assertThat(registered())
                .hasSize(9)
                .contains(ID, ID + ".former-00000008")
                .doesNotContain(ID + ".former-00000000");
        assertThat(ensemble.heartbeat(ID + ".former-00000008").applied()).isEqualTo(100); // the older one's
    }
}
