package io.sluice.proxy;

import static io.sluice.proxy.testing.Replies.millisSince;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.proxy.config.ProxyConfig.Limits;
import io.sluice.proxy.testing.AdminClient;
import io.sluice.proxy.testing.ListenerFarm;
import io.sluice.proxy.testing.RunningProxy;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** {@code server_connects_per_second}: 50 servers restart at once. */
class ReconnectStormIT {

    private static final int SERVERS = 50;
    private static final int WORKERS = 4;
    private static final int CONNECTIONS = 2;
    private static final int ALL = SERVERS * WORKERS * CONNECTIONS;
    private static final int RATE = 200;

    @Test
    void connectsStayUnderTheConfiguredRate() throws Exception {
        try (ListenerFarm farm = ListenerFarm.start(SERVERS);
                RunningProxy proxy = RunningProxy.overPorts(farm.ports())
                        .workers(WORKERS)
                        .serverConnections(CONNECTIONS)
                        .preconnect()
                        .limits(withConnectRate(RATE))
                        .monitored()
                        .start()) {
            await().atMost(Duration.ofSeconds(20)).until(() -> farm.open() == ALL);
            int before = farm.accepts();

            long restarted = System.nanoTime();
            farm.closeConnections();
            await().atMost(Duration.ofSeconds(20)).until(() -> farm.accepts() >= before + ALL && farm.open() == ALL);

            long millis = millisSince(restarted);
            int most = farm.mostAcceptsInOneSecond();
            System.out.println("FIGURE reconnect storm: " + ALL + " connects in " + millis + "ms, at most " + most
                    + " in one second, allowed " + RATE);
            // A tenth may come at once. A farm that was held up sees connects later than they were made, never earlier.
            assertThat(millis).isGreaterThan(1000L * (ALL - RATE / 10) / RATE);
            assertThat(most).isLessThanOrEqualTo(2 * RATE);
            double delayed = AdminClient.metrics(proxy.adminPort()).sum("sluice_server_connects_delayed_total");
            assertThat(delayed).isGreaterThan(ALL);
        }
    }

    /** The time to connect in begins when a connection may, not when it is wanted. */
    @Test
    void whoMustWaitForItsTurnToConnectDoesNotFailByIt() throws Exception {
        int servers = 14;
        try (ListenerFarm farm = ListenerFarm.start(servers);
                RunningProxy proxy = RunningProxy.overPorts(farm.ports())
                        .workers(1)
                        .preconnect()
                        .limits(withConnectRate(10))
                        .monitored()
                        .start()) {
            long started = System.nanoTime();
            await().atMost(Duration.ofSeconds(20)).until(() -> farm.open() == servers);

            assertThat(millisSince(started)).isGreaterThan(1000); // which is the time to connect in
            assertThat(AdminClient.metrics(proxy.adminPort()).sum("sluice_server_connect_failures_total"))
                    .isZero();
        }
    }

    private static Limits withConnectRate(int perSecond) {
        Limits defaults = Limits.DEFAULTS;
        return new Limits(
                defaults.maxRequestBytes(),
                defaults.maxArguments(),
                defaults.maxInlineBytes(),
                defaults.clientMaxInFlight(),
                defaults.clientBufferBytes(),
                defaults.clientHeldBytes(),
                defaults.serverMaxInFlight(),
                defaults.serverQueueBytes(),
                defaults.maxClients(),
                defaults.clientBufferMaxBytes(),
                defaults.serverStallTimeout(),
                defaults.processBufferBytes(),
                perSecond);
    }
}
