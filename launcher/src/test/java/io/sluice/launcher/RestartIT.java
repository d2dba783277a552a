package io.sluice.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.testing.FreePorts;
import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Processes of the proxy that follow each other, and one that is told things by signals. */
class RestartIT {

    private static final Duration SOON = Duration.ofSeconds(30);

    @RegisterExtension
    static final RedisServer redis = RedisServer.onFreePort();

    @RegisterExtension
    static final RedisServer other = RedisServer.onFreePort();

    @TempDir
    private Path folder;

    private final int port = FreePorts.next();

    @Test
    void anotherProcessTakesOverUnderLoad() throws Exception {
        String config = write(redis);
        try (ProxyJvm first =
                        ProxyJvm.start(folder, Map.of(), "--config", config).awaitReady();
                CheckingClients clients = CheckingClients.start(port, 8)) {
            await().atMost(SOON).until(() -> clients.replies() > 1_000);

            try (ProxyJvm second = ProxyJvm.start(folder, Map.of(), "--config", config, "--take-over")) {
                second.awaitLine("Taken over: clients=");
                int exitCode = first.awaitExit();
                long seen = clients.replies();
                await().atMost(SOON)
                        .until(() -> clients.replies() > seen + 5_000
                                || !clients.troubles().isEmpty());
                clients.finish();

                assertThat(exitCode).isZero();
                assertThat(clients.troubles()).isEmpty();
                assertThat(first.output()).contains("Handed over: clients=").contains("left=0");
            }
        }
    }

    @Test
    void withNothingToTakeOverItSaysSo() throws Exception {
        try (ProxyJvm lonely = ProxyJvm.start(folder, Map.of(), "--config", write(redis), "--take-over")) {
            assertThat(lonely.awaitExit()).isEqualTo(1);
            assertThat(lonely.output()).contains("cannot take over at").contains("start without --take-over");
        }
    }

    @Test
    void aHangUpTakesTheFileUpAndTheServiceManagerIsTold() throws Exception {
        try (NotifyReceiver manager = NotifyReceiver.listen(folder.resolve("notify"));
                ProxyJvm proxy = ProxyJvm.start(
                        folder,
                        Map.of("NOTIFY_SOCKET", manager.path(), "WATCHDOG_USEC", "200000"),
                        "--config",
                        write(redis))) {
            manager.await("READY=1");
            manager.await("WATCHDOG=1");
            write(other);

            proxy.signal("HUP");

            manager.await("RELOADING=1\nMONOTONIC_USEC=");
            manager.await("READY=1");
            try (RespClient client = new RespClient(port)) {
                assertThat(client.call("SET", "after", "hang-up")).isEqualTo("OK");
            }
            try (RespClient direct = new RespClient(other.port())) {
                assertThat(direct.call("GET", "after")).isEqualTo("hang-up");
            }
            proxy.signal("TERM");
            manager.await("STOPPING=1");
            assertThat(proxy.awaitExit()).isZero();
        }
    }

    @Test
    void whoTakesOverTellsTheServiceManagerWhoIsMain() throws Exception {
        String config = write(redis);
        try (NotifyReceiver manager = NotifyReceiver.listen(folder.resolve("notify"))) {
            Map<String, String> environment = Map.of("NOTIFY_SOCKET", manager.path());
            try (ProxyJvm first = ProxyJvm.start(folder, environment, "--config", config)
                            .awaitReady();
                    ProxyJvm second = ProxyJvm.start(folder, environment, "--config", config, "--take-over")) {
                manager.await("MAINPID=" + second.pid() + "\nREADY=1");
                assertThat(first.awaitExit()).isZero();
                assertThat(manager.received()).noneMatch(message -> message.contains("STOPPING"));
            }
        }
    }

    /** The promise of the issue: 50 clients, 16 requests at a time, 10 restarts in a minute, nothing lost. */
    @Test
    @Tag("soak")
    void tenRestartsInAMinuteUnderFiftyClientsLoseNothing() throws Exception {
        String config = write(redis);
        long begin = System.nanoTime();
        long end = begin
                + Duration.ofSeconds(Long.getLong("sluice.soak.seconds", 60)).toNanos();
        ProxyJvm serving = ProxyJvm.start(folder, Map.of(), "--config", config).awaitReady();
        try (CheckingClients clients = CheckingClients.start(port, 50)) {
            for (int restart = 1; restart <= 10; restart++) {
                long due = begin + (end - begin) * restart / 11;
                await().atMost(Duration.ofMinutes(5)).until(() -> System.nanoTime() - due >= 0);
                ProxyJvm next = ProxyJvm.start(folder, Map.of(), "--config", config, "--take-over");
                next.awaitLine("Taken over: clients=");
                assertThat(serving.awaitExit()).isZero();
                assertThat(serving.output()).contains("left=0");
                serving.close();
                serving = next;
                assertThat(clients.troubles()).isEmpty();
            }
            await().atMost(Duration.ofMinutes(5)).until(() -> System.nanoTime() - end >= 0);
            clients.finish();

            System.out.println("FIGURE take-over: restarts=10 clients=50 replies=" + clients.replies() + " connects="
                    + clients.connects() + " troubles=" + clients.troubles().size());
            assertThat(clients.troubles()).isEmpty();
        } finally {
            serving.close();
        }
    }

    private String write(RedisServer server) throws IOException {
        Path file = folder.resolve("sluice.yaml");
        Files.writeString(file, """
                workers: 2
                admin: none
                reload_on_change: false
                control: %s/control
                pools:
                  alpha:
                    listen: 127.0.0.1:%d
                    preconnect: true
                    servers:
                      - 127.0.0.1:%d:1 shard-a
                """.formatted(folder, port, server.port()));
        return file.toString();
    }
}
