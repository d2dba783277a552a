package io.sluice.proxy;

import static io.sluice.proxy.testing.Replies.assertError;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.testing.Keys;
import io.sluice.proxy.testing.RunningProxy;
import io.sluice.proxy.testing.ScriptedServer;
import io.sluice.proxy.testing.ScriptedServer.Asked;
import io.sluice.testing.RespClient;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Requests in parts of which one goes wrong: one error for the whole, never a nil, and everything after it in order. */
class SplitFaultsIT {

    private static final Duration TIMEOUT = Duration.ofSeconds(1);

    /** What the sick server does with its part; set by each test. */
    private volatile ScriptedServer.Script sickness = ScriptedServer::sensibly;

    private final ScriptedServer healthy = ScriptedServer.start(ScriptedServer::sensibly);
    private final ScriptedServer sick = ScriptedServer.start(asked -> sickness.onRequest(asked));
    private final RunningProxy proxy =
            RunningProxy.overPorts(healthy.port(), sick.port()).timeout(TIMEOUT, Duration.ofSeconds(20));
    private String well = "";
    private String ill = "";

    @BeforeEach
    void start() throws ProxyStartException {
        proxy.start();
        well = Keys.ownedBy(0, proxy);
        ill = Keys.ownedBy(1, proxy);
    }

    @AfterEach
    void stop() {
        proxy.close();
        healthy.close();
        sick.close();
    }

    private static Arguments fault(String name, String expected, ScriptedServer.Script script) {
        return Arguments.of(name, expected, script);
    }

    static Stream<Arguments> faults() {
        return Stream.of(
                fault("an error", "ERR of its own", asked -> asked.reply("-ERR of its own\r\n")),
                fault("silence", "Connection timed out: server=server1", ScriptedServer::silence),
                fault("rubbish", "protocol error", asked -> asked.reply("rubbish\r\n")),
                fault("nil", "", asked -> asked.reply("*-1\r\n")),
                fault("too few", "", asked -> asked.reply("*0\r\n")),
                fault("too many", "", asked -> asked.reply("*2\r\n$1\r\na\r\n$1\r\nb\r\n")),
                fault("another type", "", asked -> asked.reply("+OK\r\n")),
                fault("half, then closed", "Connection reset", asked -> {
                    asked.reply("*1\r\n$5\r\nhe");
                    asked.close();
                }),
                fault("half of much, then closed", "cause=closed by the server in the middle of its reply", asked -> {
                    asked.reply("*1\r\n$1000000\r\n" + "x".repeat(500_000));
                    asked.close();
                }),
                fault("closed", "Connection reset by peer: server=server1", Asked::close));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("faults")
    void oneSickPartIsOneErrorAndTheRestStaysInOrder(String name, String expected, ScriptedServer.Script fault)
            throws Exception {
        sickness = asked -> (asked.words().contains(ill) && asked.command().equals("MGET")
                        ? fault
                        : (ScriptedServer.Script) ScriptedServer::sensibly)
                .onRequest(asked);
        try (RespClient client = proxy.connect()) {
            assertThat(client.call("GET", ill)).isEqualTo("value of " + ill);
            client.send("GET", well);
            client.send("MGET", well, ill);
            client.send("SET", well, name);
            client.send("MGET", well, well);

            assertThat(client.receive()).isEqualTo("value of " + well);
            assertError(client.receive()).contains(expected);
            assertThat(client.receive()).isEqualTo("OK");
            assertThat(client.receive()).isEqualTo(List.of("value of " + well, "value of " + well));
        }
    }

    @Test
    void aLatePartIsSwallowedAndTheNextRequestIsWhole() throws Exception {
        try (RespClient client = proxy.connect()) {
            sickness = ScriptedServer::silence;
            assertError(client.call("MGET", ill, well)).contains("timed out");
            sick.next().replySensibly();
            sickness = ScriptedServer::sensibly;

            Object reply = client.call("MGET", ill, well);

            assertThat(reply).isEqualTo(List.of("value of " + ill, "value of " + well));
            assertThat(sick.accepts()).isEqualTo(1);
        }
    }

    @Test
    void sumsAndOksFailAsAWholeToo() throws Exception {
        try (RespClient client = proxy.connect()) {
            sickness = asked -> asked.reply("-MISCONF no writes now\r\n");

            assertError(client.call("DEL", well, ill)).startsWith("MISCONF");
            assertError(client.call("MSET", well, "1", ill, "2")).startsWith("MISCONF");
            sickness = asked -> asked.reply("+QUEUED\r\n");
            assertError(client.call("EXISTS", well, ill)).isNotEmpty();
        }
    }

    @Test
    void aClientThatLeavesBetweenThePartsHurtsNobody() throws Exception {
        sickness = ScriptedServer::silence;
        try (RespClient stays = proxy.connect()) {
            for (int round = 0; round < 20; round++) {
                leaveWhileAPartIsOwed();
            }
            for (int round = 0; round < 20; round++) {
                sick.next().replySensibly();
            }
            sickness = ScriptedServer::sensibly;

            assertThat(stays.call("MGET", ill, well)).isEqualTo(List.of("value of " + ill, "value of " + well));
        }
    }

    private void leaveWhileAPartIsOwed() throws IOException {
        int before = sick.received().size();
        try (RespClient leaves = proxy.connect()) {
            leaves.send("MGET", well, ill, well);
            leaves.flush();
            org.awaitility.Awaitility.await()
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> sick.received().size() > before);
        }
    }
}
