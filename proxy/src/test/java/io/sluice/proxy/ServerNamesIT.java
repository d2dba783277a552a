package io.sluice.proxy;

import static io.sluice.proxy.testing.Replies.assertError;
import static io.sluice.proxy.testing.Replies.millisSince;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.testing.Keys;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.proxy.testing.ScriptedServer;
import io.sluice.routing.topology.Server;
import io.sluice.routing.topology.ServerAddress;
import io.sluice.testing.RespClient;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Servers given by host name. */
class ServerNamesIT {

    @Test
    void aNameIsLookedUpAndAnUnknownOneHurtsOnlyItself() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(ScriptedServer::sensibly);
                RunningProxy proxy = RunningProxy.over(List.of(
                                new Server("a", ServerAddress.tcp("localhost", server.port()), 1),
                                new Server("b", ServerAddress.tcp("no-such-host.invalid", server.port()), 1)))
                        .timeout(Duration.ofSeconds(8), null)
                        .start();
                RespClient client = proxy.connect();
                RespClient other = proxy.connect()) {
            String known = Keys.ownedBy(0, proxy);
            String unknown = Keys.ownedBy(1, proxy);
            client.send("GET", unknown);
            client.flush();
            long start = System.nanoTime();

            assertThat(other.call("GET", known)).isEqualTo("value of " + known);
            long knownMillis = millisSince(start);
            assertError(client.receive())
                    .startsWith("ERR Connection refused: server=b")
                    .contains("no-such-host.invalid");
            long unknownMillis = millisSince(start);

            System.out.println("FIGURE names: known " + knownMillis + "ms, unknown " + unknownMillis + "ms");
            assertThat(unknownMillis).isLessThan(1700); // the connect timeout bounds the look-up too
            assertThat(other.call("GET", known)).isEqualTo("value of " + known);
        }
    }
}
