package io.sluice.proxy.config;

import static io.sluice.proxy.config.ConfigText.twemproxyPool;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.sluice.proxy.config.BrokenConfigTest.Broken;
import io.sluice.routing.hash.HashAlgorithm;
import io.sluice.testing.Binaries;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the real nutcracker accepts is accepted; where we are stricter, it is on purpose and listed here. */
class NutcrackerAgreementIT {

    /** Of the files in {@code broken.txt}, those that nutcracker accepts. */
    private static final Set<String> STRICTER_ON_PURPOSE = Set.of(
            // It reads them as something that was not meant: an overflow, a mode of 0, a server on every address.
            "timeout that is too long",
            "weights that add up to too much",
            "listen with a mode that is not octal",
            "server without host",
            // It uses one database of some servers and another one of the others; see PoolReader.redisDb.
            "redis_db that twemproxy applies to one server and not to the other");

    @TempDir
    Path folder;

    private Path nutcracker = Path.of("nutcracker");

    @BeforeEach
    void findNutcracker() {
        nutcracker = Binaries.onPathOrSkip("nutcracker", "nutcracker");
    }

    static List<String> accepted() {
        Stream<String> hashes = Stream.of(HashAlgorithm.values())
                .map(hash -> twemproxyPool("hash: " + hash.name().toLowerCase(Locale.ROOT)));
        Stream<String> keys = Stream.of(
                        "timeout: 400",
                        "timeout: '0400'",
                        "timeout: 0",
                        "backlog: 0",
                        "backlog: 99999999",
                        "client_connections: 7",
                        "redis_auth: x y",
                        "redis_db: 2147483647",
                        "tcpkeepalive: 'true'",
                        "preconnect: true",
                        "auto_eject_hosts: true",
                        "server_connections: 5000",
                        "server_retry_timeout: 0",
                        "server_failure_limit: 0",
                        "hash_tag: \"{}\"",
                        "hash_tag: $$",
                        "hash_tag: \u00e9",
                        "distribution: modula",
                        "distribution: random")
                .map(line -> twemproxyPool(line));
        Stream<String> memcached = Stream.of("", "redis: false", "redis: false\n  redis_db: 3", "timeout: 400")
                .map(line -> twemproxyPool(line).replace("  redis: true\n", ""));
        Stream<String> servers = Stream.of(
                        "::1:6379:1 v6",
                        "'[::1]:6379:1'",
                        "localhost:00080:01",
                        "10.0.0.1:11211:100000",
                        "10.0.0.1:6379:1 a:b",
                        "10.0.0.1:6379:1 \u00e9",
                        "\"10.0.0.1:6379:1 alias\"",
                        "/run/a.sock:3",
                        "/run/a.sock:3 alias",
                        "10.0.0.1:1:1 a\n   - 10.0.0.1:1:1 b",
                        "10.0.0.1:1:1 a\n   - 10.0.0.1:2:100000 b")
                .map(line -> twemproxyPool().replace("127.0.0.1:6379:1", line));
        Stream<String> listens = Stream.of(
                        "/tmp/a.sock", "/tmp/a.sock 0600", "/tmp/a.sock  777", "::1:22121", "0.0.0.0:1")
                .map(line -> twemproxyPool().replace("127.0.0.1:22121", line));
        return Stream.of(hashes, keys, memcached, servers, listens)
                .flatMap(texts -> texts)
                .toList();
    }

    @ParameterizedTest
    @MethodSource("accepted")
    void whatNutcrackerAcceptsIsAccepted(String text) throws Exception {
        assertThat(nutcrackerAccepts(text)).isTrue();

        assertThatCode(() -> ConfigText.read(text)).doesNotThrowAnyException();
    }

    @Test
    void theShippedFileIsOneOfTwemproxys() throws Exception {
        assertThat(nutcrackerAccepts(Files.readString(ConfigText.CONF.resolve("nutcracker.yml"))))
                .isTrue();
    }

    @Test
    void whereWeAreStricterItIsOnPurpose() throws Exception {
        Stream.Builder<String> stricter = Stream.builder();
        for (Broken broken : BrokenConfigTest.brokenFiles()) {
            if (nutcrackerAccepts(broken.text())) {
                stricter.add(broken.name());
            }
        }

        assertThat(stricter.build()).containsExactlyInAnyOrderElementsOf(STRICTER_ON_PURPOSE);
    }

    private boolean nutcrackerAccepts(String text) throws IOException, InterruptedException {
        Path file = Files.writeString(folder.resolve("nutcracker.yml"), text);
        Process check = new ProcessBuilder(nutcracker.toString(), "-t", "-c", file.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("out").toFile())
                .start();
        assertThat(check.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return check.exitValue() == 0;
    }
}
