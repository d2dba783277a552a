package io.sluice.proxy;

import static io.sluice.proxy.FollowedCluster.ID;
import static io.sluice.proxy.FollowedCluster.SOON;
import static io.sluice.proxy.FollowedCluster.awaitEpoch;
import static io.sluice.proxy.FollowedCluster.status;
import static io.sluice.proxy.FollowedCluster.who;
import static io.sluice.proxy.FollowedCluster.withClients;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.proxy.config.Membership;
import io.sluice.proxy.testing.AdminClient;
import io.sluice.proxy.testing.CuttableRelay;
import io.sluice.proxy.testing.Ensemble;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.proxy.topology.ZooKeeperSession.State;
import io.sluice.proxy.transport.Loops;
import io.sluice.routing.cluster.Heartbeat;
import io.sluice.routing.config.ZooKeeperAccess;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.zookeeper.KeeperException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What a cluster knows of the processes of a proxy, as they come and go. */
class RegistrationIT {

    @RegisterExtension
    static final FollowedCluster cluster = new FollowedCluster();

    private static final RedisServer a = cluster.a();
    private static final RedisServer b = cluster.b();

    @TempDir
    private Path folder;

    @Test
    void theRegistrationGoesWithAProxyThatStops() throws Exception {
        cluster.ensemble().write(cluster.all(1, a));
        RunningProxy proxy = cluster.proxy(folder);
        await().atMost(SOON).until(() -> cluster.ensemble().registration(ID).isPresent());

        proxy.proxy().drainAndStop();

        assertThat(cluster.ensemble().registration(ID)).isEmpty();
    }

    @Test
    void aSecondProcessOfTheNameTakesTheRegistrationAndTheFirstNoticesIt() throws Exception {
        cluster.ensemble().write(cluster.all(1, a));
        RunningProxy first = cluster.proxy(folder);
        awaitEpoch(first, 1);

        RunningProxy second = cluster.proxy(folder);

        await().atMost(SOON).until(() -> status(first).superseded());
        awaitEpoch(second, 1);
        Heartbeat newest = cluster.ensemble().heartbeat(ID);
        assertThat(newest.incarnation())
                .isEqualTo(cluster.ensemble().registration(ID).orElseThrow().incarnation());
        first.proxy().drainAndStop();
        assertThat(cluster.ensemble().registration(ID)).isPresent();
        assertThat(status(second).superseded()).isFalse();
    }

    @Test
    void theNextProcessAcknowledgesOnlyWhenTheFormerOneHasEnded() throws Exception {
        cluster.ensemble().write(cluster.all(1, a));
        RunningProxy former = cluster.proxy(folder);
        Path control = folder.resolve("control");
        Handover handover = Handover.listen(former.proxy(), control, () -> {});
        try (RespClient client = former.connect()) {
            client.call("GET", "who");
            a.pause();
            client.send("GET", "who"); // keeps the former process from ending
            client.flush();
            await().atMost(SOON).until(() -> inFlight(former) == 1);

            try (Proxy next = Proxy.start(former.config(), TakeOver.ask(control))) {
                String incarnation =
                        cluster.ensemble().registration(ID).orElseThrow().incarnation();
                cluster.ensemble().write(cluster.all(2, b));
                await().atMost(SOON).until(() -> next.membership().orElseThrow().applied() == 2);
                long sequence = cluster.ensemble().heartbeat(ID).sequence();
                await().atMost(SOON)
                        .until(() -> cluster.ensemble().heartbeat(ID).sequence() > sequence + 2);
                assertThat(cluster.ensemble().heartbeat(ID).incarnation()).isEqualTo(incarnation);
                assertThat(cluster.ensemble().heartbeat(ID).applied()).isZero();
                assertThat(status(former).superseded()).isTrue();

                a.resume();

                assertThat(client.receive()).isEqualTo("a");
                await().atMost(SOON)
                        .until(() -> cluster.ensemble().heartbeat(ID).applied() == 2);
                assertThat(client.call("GET", "who")).isEqualTo("b");
                assertThat(cluster.ensemble().registration(ID).orElseThrow().incarnation())
                        .isEqualTo(incarnation);
            }
        } finally {
            a.resume();
            handover.close();
        }
    }

    @Test
    void whoIsFollowedByAProcessThatZooKeeperDoesNotHearOfStaysRegistered() throws Exception {
        cluster.ensemble().write(cluster.all(1, a));
        RunningProxy former = cluster.proxy(folder);
        await().atMost(SOON).until(() -> cluster.ensemble().heartbeat(ID).applied() == 1);
        String incarnation = cluster.ensemble().registration(ID).orElseThrow().incarnation();

        former.proxy().seat().leaveToNext();

        assertThat(cluster.ensemble().registration(ID).orElseThrow().incarnation())
                .isEqualTo(incarnation);
    }

    @Test
    void aProcessThatWasToTakeOverAndDiedLeavesTheNameToTheFormerOne() throws Exception {
        cluster.ensemble().write(cluster.all(1, a));
        RunningProxy former = cluster.proxy(folder);
        String incarnation = cluster.ensemble().registration(ID).orElseThrow().incarnation();
        Path control = folder.resolve("control");
        Handover handover = Handover.listen(former.proxy(), control, () -> {});
        try (TakeOver asked = TakeOver.ask(control)) {
            asked.descriptors().values().forEach(sockets -> sockets.forEach(Loops::closeInherited));
            RunningProxy next = cluster.proxy(folder);
            await().atMost(SOON).until(() -> status(former).superseded());
            next.close();
        } finally {
            handover.close();
        }

        await().atMost(SOON)
                .until(() -> cluster.ensemble()
                        .registration(ID)
                        .orElseThrow()
                        .incarnation()
                        .equals(incarnation));
        cluster.ensemble().write(cluster.all(2, b));
        await().atMost(SOON).until(() -> cluster.ensemble().heartbeat(ID).applied() == 2);
        assertThat(status(former).superseded()).isFalse();
    }

    private static double inFlight(RunningProxy proxy) throws Exception {
        return AdminClient.metrics(proxy.adminPort()).value("sluice_requests_in_flight{pool=alpha}");
    }

    @Test
    void aRegistrationThatSomebodyRemovedIsMadeAgain() throws Exception {
        cluster.ensemble().write(cluster.all(1, a));
        RunningProxy proxy = cluster.proxy(folder);
        await().atMost(SOON).until(() -> cluster.ensemble().heartbeat(ID).applied() == 1);

        cluster.ensemble().client().delete().deletingChildrenIfNeeded().forPath(Ensemble.PATHS.proxy(ID));

        await().atMost(SOON).until(() -> cluster.ensemble().registration(ID).isPresent());
        await().atMost(SOON).until(() -> cluster.ensemble().heartbeat(ID).applied() == 1);
        assertThat(status(proxy).superseded()).isFalse();
    }

    /** As an operator does who has waited long enough for one that is silent. */
    private static void remove(String proxyId) {
        await().atMost(SOON)
                .ignoreException(KeeperException.NotEmptyException.class)
                .until(() -> {
                    cluster.ensemble()
                            .client()
                            .delete()
                            .deletingChildrenIfNeeded()
                            .forPath(Ensemble.PATHS.proxy(proxyId));
                    return true;
                });
    }

    @Test
    void aProxyThatWasRemovedWhileItWasCutOffComesBackAndFollowsAgain() throws Exception {
        cluster.ensemble().write(cluster.all(1, a));
        Membership direct = cluster.ensemble().membership(ID, folder);
        String connect = direct.access().connect();
        try (CuttableRelay relay =
                new CuttableRelay(Integer.parseInt(connect.substring(connect.lastIndexOf(':') + 1)))) {
            RunningProxy proxy = RunningProxy.in(new Membership(
                    new ZooKeeperAccess(
                            relay.address(),
                            direct.access().sessionTimeout(),
                            direct.access().connectTimeout(),
                            null,
                            null),
                    direct.cluster(),
                    ID,
                    direct.lastGood(),
                    direct.heartbeat(),
                    Duration.ZERO));
            cluster.proxy(proxy);
            awaitEpoch(proxy, 1);

            relay.cut();
            await().atMost(SOON).until(() -> status(proxy).zookeeper() != State.CONNECTED);
            remove(ID);
            cluster.ensemble().write(cluster.all(2, b));
            relay.mend();

            awaitEpoch(proxy, 2);
            assertThat(who(proxy)).isEqualTo("b");
            await().atMost(SOON)
                    .until(() -> cluster.ensemble().registration(ID).isPresent()
                            && cluster.ensemble().heartbeat(ID).applied() == 2);
        }
    }

    @Test
    void whatIsToldOtherwiseOfAProxyIsToldAlsoWhenItsNodeIsNotAsItWasLeft() throws Exception {
        cluster.ensemble().write(cluster.all(1, a));
        RunningProxy proxy = cluster.proxy(folder);
        await().atMost(SOON).until(() -> cluster.ensemble().heartbeat(ID).applied() == 1);
        byte[] node = cluster.ensemble().client().getData().forPath(Ensemble.PATHS.proxy(ID));
        cluster.ensemble()
                .client()
                .setData()
                .forPath(Ensemble.PATHS.proxy(ID), node); // as a write does of which nothing was heard

        proxy.proxy().reload("test", () -> withClients(proxy.config(), 17));
        cluster.ensemble().write(cluster.all(2, b));

        await().atMost(SOON).until(() -> cluster.ensemble().heartbeat(ID).applied() == 2);
    }

    @Test
    void aProcessIsCountedAgainWhenTheOneThatHadTakenItsNameHasGone() throws Exception {
        cluster.ensemble().write(cluster.all(1, a));
        RunningProxy first = cluster.proxy(folder);
        awaitEpoch(first, 1);
        RunningProxy second = cluster.proxy(folder);
        await().atMost(SOON).until(() -> status(first).superseded());

        second.proxy().drainAndStop();

        await().atMost(SOON).until(() -> !status(first).superseded());
        cluster.ensemble().write(cluster.all(2, b));
        await().atMost(SOON).until(() -> cluster.ensemble().heartbeat(ID).applied() == 2);
    }
}
