package io.sluice.proxy;

import static io.sluice.proxy.FollowedCluster.ID;
import static io.sluice.proxy.FollowedCluster.SOON;
import static io.sluice.proxy.FollowedCluster.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sluice.proxy.testing.Ensemble;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.routing.cluster.Heartbeat;
import io.sluice.routing.cluster.ProxyRegistration;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.zookeeper.KeeperException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Processes of one name that follow each other, as the cluster sees them. */
class FormerProcessesIT {

    @RegisterExtension
    static final FollowedCluster cluster = new FollowedCluster();

    @TempDir
    private Path folder;

    private RunningProxy start(String place) throws Exception {
        return cluster.proxy(folder.resolve(place));
    }

    private static List<String> registered() throws Exception {
        return cluster.ensemble().client().getChildren().forPath(Ensemble.PATHS.proxies()).stream()
                .sorted()
                .toList();
    }

    private static String incarnation(String name) throws Exception {
        return cluster.ensemble().registration(name).orElseThrow().incarnation();
    }

    private static void awaitApplied(String name, long epoch) {
        await().atMost(SOON)
                .ignoreException(KeeperException.NoNodeException.class) // not registered yet
                .until(() -> cluster.ensemble().heartbeat(name).applied() == epoch);
    }

    @Test
    void aProcessWhoseNameIsTakenElsewhereIsCountedBesideTheOtherOneUntilItEnds() throws Exception {
        cluster.ensemble().write(Ensemble.allWith(1, 0, 1));
        RunningProxy first = start("here");
        awaitApplied(ID, 1);
        String former = ID + ".former-" + incarnation(ID).substring(0, 8);
        String incarnation = incarnation(ID);

        RunningProxy second = start("there");

        assertThat(registered()).containsExactly(ID, former); // from the first moment on
        assertThat(incarnation(former)).isEqualTo(incarnation);
        assertThat(incarnation(ID)).isNotEqualTo(incarnation);
        await().atMost(SOON).until(() -> status(first).superseded());
        cluster.ensemble().write(Ensemble.allWith(2, 0, 1));
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
        cluster.ensemble().write(Ensemble.allWith(1, 0, 1));
        RunningProxy first = start("here");
        awaitApplied(ID, 1);
        String former = ID + ".former-" + incarnation(ID).substring(0, 8);
        first.close(); // without a word to the cluster

        start("there");
        cluster.ensemble().write(Ensemble.allWith(2, 0, 1));
        awaitApplied(ID, 2);

        assertThat(registered()).containsExactly(ID, former);
        assertThat(cluster.ensemble().heartbeat(former).applied()).isEqualTo(1);
    }

    @Test
    void theNextInTheSameHomeKnowsThatTheFormerOneHasEnded() throws Exception {
        cluster.ensemble().write(Ensemble.allWith(1, 0, 1));
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
        cluster.ensemble().write(Ensemble.allWith(1, 0, 1));
        RunningProxy proxy = start("here");
        Path lastGood =
                cluster.ensemble().membership(ID, folder.resolve("here")).lastGood();
        await().atMost(SOON).until(() -> Files.exists(lastGood));
        proxy.proxy().drainAndStop();
        assertThat(registered()).isEmpty();
        Path home = cluster.ensemble().membership(ID, folder.resolve("here")).home();
        cluster.ensemble().stopAll();
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
            cluster.ensemble().restart(0);
        }
        awaitApplied(ID, 1);
    }

    @Test
    void thoseOfOneNameAreBoundedAndTheOldestIsNotForgotten() throws Exception {
        cluster.ensemble().write(Ensemble.allWith(1, 0, 1));
        cluster.ensemble().client().create().creatingParentsIfNeeded().forPath(Ensemble.PATHS.proxies());
        for (int i = 0; i < 9; i++) {
            String name = i == 8 ? ID : ID + ".former-0000000" + i;
            String incarnation = "0000000" + i;
            cluster.ensemble()
                    .client()
                    .create()
                    .forPath(
                            Ensemble.PATHS.proxy(name),
                            new ProxyRegistration(incarnation, "1", "", Instant.EPOCH, Map.of()).bytes());
            cluster.ensemble()
                    .client()
                    .create()
                    .forPath(Ensemble.PATHS.heartbeat(name), new Heartbeat(incarnation, 1, 100 + i, 0, "").bytes());
        }

        start("here");

        assertThat(registered())
                .hasSize(9)
                .contains(ID, ID + ".former-00000008")
                .doesNotContain(ID + ".former-00000000");
        assertThat(cluster.ensemble().heartbeat(ID + ".former-00000008").applied())
                .isEqualTo(100); // the older one's
    }
}
