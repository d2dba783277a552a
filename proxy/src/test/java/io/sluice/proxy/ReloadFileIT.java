package io.sluice.proxy;

import static io.sluice.proxy.ReloadedProxy.at;
import static io.sluice.proxy.ReloadedProxy.pool;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.proxy.testing.AdminClient;
import io.sluice.testing.FreePorts;
import io.sluice.testing.RedisServer;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The file of a running proxy: followed, read on request, refused. */
class ReloadFileIT {

    private static final Duration SOON = Duration.ofSeconds(30);

    private static final String TOKEN = "night-watch-0123456789";

    @RegisterExtension
    static final RedisServer a = RedisServer.onFreePort();

    @RegisterExtension
    static final RedisServer b = RedisServer.onFreePort();

    @RegisterExtension
    static final RedisServer c = RedisServer.onFreePort();

    @TempDir
    private Path folder;

    private final int port = FreePorts.next();
    private final int adminPort = FreePorts.next();
    private ReloadedProxy proxy;

    @BeforeEach
    void begin() {
        proxy = new ReloadedProxy(folder);
    }

    @AfterEach
    void stop() {
        proxy.close();
    }

    @Test
    void theFileIsFollowedOnceItStandsStillAndABadOneChangesNothing() throws Exception {
        String admin = "admin: 127.0.0.1:" + adminPort + "\n";
        Path file = folder.resolve("sluice.yaml");
        Files.writeString(file, admin + pool("alpha", port, at("a", a)));
        proxy.start(file);
        proxy.follow(file, Duration.ofMillis(40));

        Files.writeString(file, admin + pool("alpha", port, at("b", b)));
        await().atMost(SOON).until(() -> owner().equals("b"));

        Files.writeString(file, admin + pool("alpha", port, at("c", c)).replace("servers", "serverz"));
        await().atMost(SOON).until(() -> metric("sluice_config_refused").equals("1.0"));
        assertThat(owner()).isEqualTo("b");
        assertThat(AdminClient.get(adminPort, "/health").statusCode()).isEqualTo(200);
        assertThat(AdminClient.get(adminPort, "/health").body())
                .contains("sluice.yaml:", "alpha.serverz: unknown key", "alpha.servers: missing");
        assertThat(metric("sluice_config_epoch")).isEqualTo("2.0");

        Files.writeString(file, admin + pool("alpha", port, at("b", b)));
        await().atMost(SOON).until(() -> metric("sluice_config_refused").equals("0.0"));
        assertThat(metric("sluice_config_reloads_total{result=\"unchanged\"}")).isEqualTo("1.0");
        assertThat(metric("sluice_config_epoch")).isEqualTo("2.0");
    }

    @Test
    void aFileThatIsStillBeingWrittenIsNotRead() throws Exception {
        Duration stands = Duration.ofSeconds(1);
        Path file = folder.resolve("sluice.yaml");
        String whole = pool("alpha", port, at("a", a), at("b", b), at("c", c));
        Files.writeString(file, pool("alpha", port, at("a", a)));
        proxy.start(file);
        proxy.follow(file, stands);

        Files.writeString(file, "");
        long began = System.nanoTime();
        for (int i = 0; i < whole.length(); i++) { // each byte is another size: never twice the same in a second
            Files.writeString(file, whole.substring(i, i + 1), StandardOpenOption.APPEND);
        }
        long took = System.nanoTime() - began;
        await().atMost(SOON)
                .until(() -> proxy.running()
                                .config()
                                .pools()
                                .get(0)
                                .definition()
                                .servers()
                                .size()
                        == 3);

        assertThat(took).isLessThan(stands.toNanos());
        assertThat(proxy.running().configStatus().refused()).isZero();
        assertThat(proxy.running().configStatus().applied()).isEqualTo(1);
    }

    @Test
    void theAdminAddressHasTheFileReadAndSaysWhatBecameOfIt() throws Exception {
        String head = "reload_on_change: false\nadmin: 127.0.0.1:" + adminPort + "\nadmin_token: " + TOKEN + "\n";
        Path file = folder.resolve("sluice.yaml");
        Files.writeString(file, head + pool("alpha", port, at("a", a)));
        proxy.start(file);
        proxy.follow(file);

        Files.writeString(file, head + pool("alpha", port, at("b", b)));
        HttpResponse<String> applied = askForReload(TOKEN);
        assertThat(applied.statusCode()).as(applied.body()).isEqualTo(200);
        assertThat(applied.body())
                .contains(
                        "\"result\": \"applied\"", "\"epoch\": 2", "+ pool alpha: server b", "- pool alpha: server a");
        assertThat(owner()).isEqualTo("b");

        HttpResponse<String> unchanged = askForReload(TOKEN);
        assertThat(unchanged.statusCode()).isEqualTo(200);
        assertThat(unchanged.body()).contains("\"result\": \"unchanged\"", "\"epoch\": 2");

        Files.writeString(file, head + pool("alpha", port, at("c", c)).replace("servers", "serverz"));
        HttpResponse<String> refused = askForReload(TOKEN);
        assertThat(refused.statusCode()).isEqualTo(422);
        assertThat(refused.body()).contains("\"result\": \"refused\"", "\"epoch\": 2", "alpha.serverz: unknown key");
        assertThat(owner()).isEqualTo("b");

        assertThat(askForReload("wrong").statusCode()).isEqualTo(401);
        assertThat(proxy.running().configStatus().refused()).isEqualTo(1);
    }

    @Test
    void aProxyWithoutAFileSaysThatThereIsNothingToRead() throws Exception {
        proxy.start(
                "admin: 127.0.0.1:" + adminPort + "\nadmin_token: " + TOKEN + "\n" + pool("alpha", port, at("a", a)));

        assertThat(askForReload(TOKEN).statusCode()).isEqualTo(501);
    }

    @Test
    void aChangeBetweenTheStartAndTheFirstLookIsNotMissed() throws Exception {
        Path file = folder.resolve("sluice.yaml");
        Files.writeString(file, "admin: none\n" + pool("alpha", port, at("a", a)));
        proxy.start(file);

        Files.writeString(file, "admin: none\n" + pool("alpha", port, at("b", b)));
        proxy.follow(file, Duration.ofMillis(40));

        await().atMost(SOON).until(() -> owner().equals("b"));
    }

    private HttpResponse<String> askForReload(String token) throws Exception {
        return AdminClient.send(
                "POST",
                adminPort,
                "/reload",
                "",
                "Content-Type",
                "application/json",
                "Authorization",
                "Bearer " + token);
    }

    private String owner() throws IOException {
        return proxy.running()
                .config()
                .pools()
                .get(0)
                .definition()
                .servers()
                .get(0)
                .name();
    }

    private String metric(String name) throws Exception {
        return AdminClient.get(adminPort, "/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .map(line -> line.substring(name.length() + 1))
                .findFirst()
                .orElse("none");
    }
}
