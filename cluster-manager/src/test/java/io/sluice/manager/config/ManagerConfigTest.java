package io.sluice.manager.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.routing.config.ConfigException;
import io.sluice.routing.config.ConfigProblem;
import io.sluice.routing.config.ZooKeeperAccess;
import io.sluice.routing.config.ZooKeeperAccess.Login;
import io.sluice.routing.topology.ServerAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManagerConfigTest {

    private static final Path SHIPPED = Path.of("../conf/manager.yaml");

    @TempDir
    private Path folder;

    @Test
    void theShippedFileShowsTheDefaults() {
        assertThat(ManagerConfig.read(SHIPPED)).isEqualTo(ManagerConfig.DEFAULT);
    }

    @Test
    void theShippedFileShowsEveryKey() throws IOException {
        String shown = Files.readString(SHIPPED);
        List<String> keys = problems("""
                qqqqqqqq: 1
                embedded_zookeeper: {qqqqqqqq: 1}
                zookeeper:
                  connect: zk:2181
                  qqqqqqqq: 1
                  auth: {user: a, password: b, qqqqqqqq: 1}
                  tls: {qqqqqqqq: 1}
                """).stream()
                .map(problem -> problem.message().replace("unknown key; expected one of ", ""))
                .flatMap(list -> Stream.of(list.split(", ", -1)))
                .distinct()
                .toList();

        assertThat(keys)
                .hasSizeGreaterThan(15)
                .allSatisfy(key -> assertThat(shown).containsPattern("(?m)(^[# ]*|password.* or )" + key + ":"));
    }

    @Test
    void everythingIsRead() throws IOException {
        Path secret = Files.writeString(folder.resolve("token"), "0123456789abcdef\n");
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));

        ManagerConfig config = read("""
                cluster: blue
                id: mgr-7
                listen: 0.0.0.0:9999
                url: https://managers.example.com
                token_file: %s
                data_dir: /var/lib/sluice
                embedded_zookeeper:
                  listen: "[::1]:2182"
                  auth: {user: u, password: p}
                """.formatted(secret));

        assertThat(config.cluster()).isEqualTo("blue");
        assertThat(config.id()).isEqualTo("mgr-7");
        assertThat(config.listen()).isEqualTo(ServerAddress.tcp("0.0.0.0", 9999));
        assertThat(config.url()).isEqualTo("https://managers.example.com");
        assertThat(config.token()).isEqualTo(ApiToken.of("0123456789abcdef"));
        assertThat(config.dataDir()).isEqualTo(Path.of("/var/lib/sluice"));
        assertThat(config.embedded()).isEqualTo(new EmbeddedAccess("::1", 2182, new Login("u", "p")));
        assertThat(config.zooKeeper()).isNull();
        assertThat(config.warnings()).isEmpty();
    }

    @Test
    void aZooKeeperOfOnesOwnTakesThePlaceOfTheEmbeddedOne() {
        ManagerConfig config = read("""
                data_dir: /somewhere
                zookeeper: {connect: 'zk1:2181,zk2:2181'}
                """);

        assertThat(config.zooKeeper()).isEqualTo(ZooKeeperAccess.to("zk1:2181,zk2:2181"));
        assertThat(config.warnings())
                .extracting(ConfigProblem::message)
                .containsExactly("has no effect beside the section 'zookeeper'");
    }

    @Test
    void anApiForOthersNeedsAToken() {
        assertThatThrownBy(() -> read("listen: 0.0.0.0:9700"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("listen: the API would be open to everybody who reaches 0.0.0.0:9700");
    }

    @Test
    void anEmbeddedZooKeeperForOthersIsWarnedOf() {
        assertThat(read("embedded_zookeeper: {listen: '10.0.0.1:9701'}").warnings())
                .extracting(ConfigProblem::message)
                .containsExactly(
                        "whoever reaches 10.0.0.1:9701 can change the cluster; expected the section 'auth' as well");
    }

    @Test
    void allMistakesAreToldAtOnce() {
        assertThatThrownBy(() -> read("""
                        cluster: a/b
                        id: ''
                        listen: nowhere
                        url: managers
                        token: short
                        clutser: x
                        """))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(":1:10: cluster: 'a/b' is not a name")
                .hasMessageContaining(":2:5: id: nothing stands here")
                .hasMessageContaining(":3:9: listen: 'nowhere' is not an address")
                .hasMessageContaining(":4:6: url: 'managers' is not a URL")
                .hasMessageContaining(":5:8: token: a token of less than 16 characters")
                .hasMessageContaining(":6:1: clutser: unknown key; did you mean 'cluster'?");
    }

    @Test
    void aTokenIsComparedAndNeverPrinted() {
        ManagerConfig config = read("token: 0123456789abcdef");

        assertThat(config.toString()).doesNotContain("0123456789abcdef");
        assertThat(config.token()).satisfies(token -> {
            assertThat(token.matches("0123456789abcdef")).isTrue();
            assertThat(token.matches("0123456789abcdeF")).isFalse();
        });
    }

    private List<ConfigProblem> problems(String text) {
        try {
            read(text);
            return List.of();
        } catch (ConfigException e) {
            return e.problems();
        }
    }

    private ManagerConfig read(String text) {
        try {
            return ManagerConfig.read(Files.writeString(folder.resolve("manager.yaml"), text));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
