package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.proxy.config.ServerWatch;
import io.sluice.proxy.testing.AdminClient;
import io.sluice.proxy.testing.Edges;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.proxy.testing.ScriptedServer;
import io.sluice.proxy.testing.ScriptedServer.Asked;
import io.sluice.routing.topology.Server;
import io.sluice.routing.topology.ServerAddress;
import io.sluice.testing.FreePorts;
import io.sluice.testing.RespClient;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** {@code resolve_interval}: a server's host name leads elsewhere than it did. */
class ServerNamesIT {

    private static final Duration BOUND = Duration.ofSeconds(30);
    private static final Duration INTERVAL = Duration.ofMillis(100);

    private final int port = FreePorts.next();
    private final AtomicInteger asked = new AtomicInteger();
    private volatile List<String> addresses = List.of("127.0.0.1");

    private List<InetAddress> lookUp(String host) throws UnknownHostException {
        asked.incrementAndGet();
        if (addresses.isEmpty()) {
            throw new UnknownHostException(host);
        }
        return addresses.stream().map(ServerNamesIT::address).toList();
    }

    private static InetAddress address(String literal) {
        return new InetSocketAddress(literal, 0).getAddress();
    }

    private RunningProxy proxy(Duration interval) {
        return RunningProxy.over(List.of(new Server("cache", ServerAddress.tcp("cache.internal", port), 1)))
                .names(this::lookUp)
                .edge(Edges.servers(new ServerWatch(false, interval)));
    }

    private ScriptedServer server(String address, String value) {
        return ScriptedServer.startAt(
                new InetSocketAddress(address, port),
                asked -> asked.reply(asked.words().contains("slow") ? "" : Asked.bulk(value)));
    }

    @Test
    void requestsGoToTheNewAddressAndTheOldOneAnswersWhatItHas() throws Exception {
        try (ScriptedServer old = server("127.0.0.1", "old");
                ScriptedServer next = server("127.0.0.2", "new");
                RunningProxy proxy = proxy(INTERVAL).monitored().start();
                RespClient waiting = proxy.connect();
                RespClient client = proxy.connect()) {
            assertThat(client.call("GET", "key")).isEqualTo("old");
            waiting.send("GET", "slow");
            waiting.flush();
            await().atMost(BOUND).until(() -> old.count("GET", "slow") == 1);

            addresses = List.of("127.0.0.2");

            await().atMost(BOUND).until(() -> moved(proxy) == 1);
            assertThat(client.call("GET", "key")).isEqualTo("new");
            assertThat(old.open()).isEqualTo(1);
            for (Asked request : old.received()) {
                if (request.words().contains("slow")) {
                    request.reply(Asked.bulk("late"));
                }
            }
            assertThat(waiting.receive()).isEqualTo("late");
            await().atMost(BOUND).until(() -> old.open() == 0);
            assertThat(next.open()).isEqualTo(1);
        }
    }

    private static double moved(RunningProxy proxy) throws Exception {
        return AdminClient.metrics(proxy.adminPort())
                .value("sluice_server_connections_moved_total{pool=alpha, server=cache}");
    }

    @Test
    void staysWhereItIsWhileTheNewAddressCannotBeHad() throws Exception {
        try (ScriptedServer old = server("127.0.0.1", "old");
                RunningProxy proxy = proxy(INTERVAL).start();
                RespClient client = proxy.connect()) {
            assertThat(client.call("GET", "key")).isEqualTo("old");
            addresses = List.of("127.0.0.3"); // nobody listens there
            int before = asked.get();

            for (int i = 0; i < 50 || asked.get() < before + 6; i++) {
                assertThat(client.call("GET", "key")).isEqualTo("old");
            }

            assertThat(old.accepts()).isEqualTo(1);
        }
    }

    @Test
    void staysWhileTheNameStillHasItsAddressAmongOthersOrIsNotKnown() throws Exception {
        try (ScriptedServer old = server("127.0.0.1", "old");
                ScriptedServer next = server("127.0.0.2", "new");
                RunningProxy proxy = proxy(INTERVAL).start();
                RespClient client = proxy.connect()) {
            assertThat(client.call("GET", "key")).isEqualTo("old");

            addresses = List.of("127.0.0.2", "127.0.0.1");
            int before = asked.get();
            await().atMost(BOUND).until(() -> asked.get() >= before + 3);
            addresses = List.of();
            int then = asked.get();
            await().atMost(BOUND).until(() -> asked.get() >= then + 3);

            assertThat(client.call("GET", "key")).isEqualTo("old");
            assertThat(next.accepts()).isZero();
            assertThat(old.open()).isEqualTo(1);
        }
    }

    @Test
    void aNewConnectionLooksTheNameUpEvenIfNobodyElseDoes() throws Exception {
        try (ScriptedServer old = server("127.0.0.1", "old");
                ScriptedServer next = server("127.0.0.2", "new");
                RunningProxy proxy = proxy(Duration.ofHours(1)).start();
                RespClient client = proxy.connect()) {
            assertThat(client.call("GET", "key")).isEqualTo("old");
            addresses = List.of("127.0.0.2");

            old.closeConnections();

            await().atMost(BOUND).until(() -> "new".equals(client.call("GET", "key")));
            assertThat(next.accepts()).isEqualTo(1);
        }
    }
}
