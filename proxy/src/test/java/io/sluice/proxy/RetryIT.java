package io.sluice.proxy;

import static io.sluice.proxy.testing.Replies.assertError;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.config.ProxyConfig.Retries;
import io.sluice.proxy.testing.AdminClient;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.proxy.testing.ScriptedServer;
import io.sluice.testing.RespClient;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

/** {@code retry_percent} and {@code retry_reads}: what is sent once more, and above all what is not. */
class RetryIT {

    private static final Retries UNSENT = new Retries(10, false);
    private static final Retries READS = new Retries(10, true);

    // ---- what was not sent

    /** Its first connection ends before the handshake is answered. */
    private static ScriptedServer lateServer() {
        Set<Object> seen = ConcurrentHashMap.newKeySet();
        return ScriptedServer.start(
                peer -> {
                    if (seen.add("first")) {
                        peer.reset();
                    }
                },
                ScriptedServer::sensibly);
    }

    @Test
    void aWriteThatWasNotSentIsSentWithTheNextConnection() throws Exception {
        try (ScriptedServer server = lateServer();
                RunningProxy proxy = RunningProxy.overPorts(server.port())
                        .redisAuth("secret")
                        .retries(UNSENT)
                        .monitored()
                        .start();
                RespClient client = proxy.connect()) {
            client.call("AUTH", "secret");

            assertThat(client.call("INCR", "k")).isEqualTo(1L);

            assertThat(server.count("INCR", "k")).isEqualTo(1);
            assertThat(retries(proxy)).isEqualTo(1);
        }
    }

    @Test
    void withoutRetriesItFails() throws Exception {
        try (ScriptedServer server = lateServer();
                RunningProxy proxy = RunningProxy.overPorts(server.port())
                        .redisAuth("secret")
                        .start();
                RespClient client = proxy.connect()) {
            client.call("AUTH", "secret");

            assertError(client.call("INCR", "k")).startsWith("ERR Connection refused: server=server0 waited=");

            assertThat(server.count("INCR", "k")).isZero();
        }
    }

    @Test
    void aServerThatStaysAwayCostsOneMoreAttemptAndNoMore() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(ScriptedServer.Peer::reset, ScriptedServer::sensibly);
                RunningProxy proxy = RunningProxy.overPorts(server.port())
                        .redisAuth("secret")
                        .retries(UNSENT)
                        .start();
                RespClient client = proxy.connect()) {
            client.call("AUTH", "secret");

            assertError(client.call("INCR", "k")).startsWith("ERR Connection refused: server=server0 waited=");

            assertThat(server.accepts()).isEqualTo(2);
        }
    }

    // ---- reads that were sent

    /** Closes its connection instead of answering, the first time it gets that command, once it was heard of. */
    private static ScriptedServer forgetting(String... commands) {
        Set<String> still = ConcurrentHashMap.newKeySet();
        still.addAll(Set.of(commands));
        return ScriptedServer.start(asked -> {
            if (asked.words().get(1).equals("swallowed")) {
                return; // no reply: what follows decides
            }
            if (still.remove(asked.command())) {
                asked.from().reset();
            } else {
                asked.replySensibly();
            }
        });
    }

    private static RunningProxy proxyBefore(ScriptedServer server, Retries retries) throws Exception {
        return RunningProxy.overPorts(server.port())
                .retries(retries)
                .monitored()
                .start();
    }

    @Test
    void aReadWhoseConnectionIsLostIsAskedOnceMore() throws Exception {
        try (ScriptedServer server = forgetting("GET");
                RunningProxy proxy = proxyBefore(server, READS);
                RespClient client = proxy.connect()) {
            client.call("SET", "k", "v"); // heard of

            assertThat(client.call("GET", "k")).isEqualTo("value of k");

            assertThat(server.count("GET", "k")).isEqualTo(2);
            assertThat(retries(proxy)).isEqualTo(1);
        }
    }

    @Test
    void byDefaultItIsNot() throws Exception {
        try (ScriptedServer server = forgetting("GET");
                RunningProxy proxy = proxyBefore(server, UNSENT);
                RespClient client = proxy.connect()) {
            client.call("SET", "k", "v");

            assertError(client.call("GET", "k")).startsWith("ERR Connection reset by peer: server=server0 waited=");

            assertThat(server.count("GET", "k")).isEqualTo(1);
        }
    }

    @Test
    void aWriteIsNever() throws Exception {
        try (ScriptedServer server = forgetting("INCR");
                RunningProxy proxy = proxyBefore(server, READS);
                RespClient client = proxy.connect()) {
            client.call("SET", "k", "v");

            assertError(client.call("INCR", "k")).startsWith("ERR Connection reset by peer");

            assertThat(server.count("INCR", "k")).isEqualTo(1);
        }
    }

    @Test
    void aReadThatLosesItsConnectionTwiceFails() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(asked -> {
                    if (asked.command().equals("GET")) {
                        asked.from().reset();
                    } else {
                        asked.replySensibly();
                    }
                });
                RunningProxy proxy = proxyBefore(server, READS);
                RespClient client = proxy.connect()) {
            client.call("SET", "k", "v");

            assertError(client.call("GET", "k")).startsWith("ERR Connection re");

            assertThat(server.count("GET", "k")).isEqualTo(2);
        }
    }

    @Test
    void aReadBeforeALostWriteIsNotAskedAgainSinceItCouldSeeThatWrite() throws Exception {
        try (ScriptedServer server = forgetting("INCR");
                RunningProxy proxy = proxyBefore(server, READS);
                RespClient client = proxy.connect()) {
            client.call("SET", "k", "v");

            client.send("GET", "swallowed");
            client.send("INCR", "k");
            assertError(client.receive()).startsWith("ERR Connection reset by peer");
            assertError(client.receive()).startsWith("ERR Connection reset by peer");

            assertThat(server.count("GET", "swallowed")).isEqualTo(1);
            assertThat(client.call("GET", "k")).isEqualTo("value of k");
        }
    }

    @Test
    void readsBehindALostWriteAreAskedAgainInTheirOrder() throws Exception {
        try (ScriptedServer server = forgetting("EXISTS");
                RunningProxy proxy = proxyBefore(server, READS);
                RespClient client = proxy.connect()) {
            client.call("SET", "k", "v");

            client.send("INCR", "swallowed");
            client.send("EXISTS", "k");
            client.send("GET", "k");
            assertError(client.receive()).startsWith("ERR Connection reset by peer");
            assertThat(client.receive()).isEqualTo(1L);
            assertThat(client.receive()).isEqualTo("value of k");

            assertThat(server.count("INCR", "swallowed")).isEqualTo(1);
            assertThat(retries(proxy)).isEqualTo(2);
        }
    }

    private static double retries(RunningProxy proxy) throws Exception {
        return AdminClient.metrics(proxy.adminPort()).value("sluice_server_retries_total{pool=alpha, server=server0}");
    }
}
