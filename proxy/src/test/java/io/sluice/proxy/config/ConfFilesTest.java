package io.sluice.proxy.config;

import static io.sluice.proxy.config.ConfigText.CONF;
import static io.sluice.proxy.config.ConfigText.problems;
import static io.sluice.proxy.config.ConfigText.read;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.routing.config.ConfigProblem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ConfFilesTest {

    /** All but the manager's, which has a test of its own. */
    static List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(CONF)) {
            return files.filter(file -> file.toString().matches(".*\\.ya?ml") && !file.endsWith("manager.yaml"))
                    .toList();
        }
    }

    @Test
    void thereAreFilesToCheck() throws IOException {
        assertThat(files())
                .extracting(file -> file.getFileName().toString())
                .contains("sluice.yaml", "nutcracker.yml", "slots.yaml");
    }

    @ParameterizedTest
    @MethodSource("files")
    void isGoodAndWithoutWarnings(Path file) {
        ProxyConfig config = ProxyConfig.read(file);

        assertThat(config.pools()).isNotEmpty();
        assertThat(config.warnings()).isEmpty();
    }

    @Test
    void sluiceYamlShowsTheDefaults() {
        ProxyConfig shipped = ProxyConfig.read(CONF.resolve("sluice.yaml"));

        ProxyConfig shortest = read("""
                pools:
                  alpha:
                    listen: 127.0.0.1:22121
                    servers:
                    - 127.0.0.1:6379:1 shard-a
                    - 127.0.0.1:6380:1 shard-b
                    - 127.0.0.1:6381:1 shard-c
                """);
        assertThat(shipped).isEqualTo(shortest);
    }

    /** The keys that are known stand in the problem of one that is not. */
    @Test
    void sluiceYamlShowsEveryKey() throws IOException {
        String shown = Files.readString(CONF.resolve("sluice.yaml"));

        List<ConfigProblem> problems = problems("""
                qqqqqqqq: 1
                zookeeper:
                  qqqqqqqq: 1
                  connect: 127.0.0.1:2181
                  cluster: blue
                limits:
                  qqqqqqqq: 1
                pools:
                  alpha:
                    qqqqqqqq: 1
                    listen: 127.0.0.1:1
                    distribution: slots
                    servers: ['127.0.0.1:6379:1']
                  beta:
                    qqqqqqqq: 1
                    listen: 127.0.0.1:2
                    servers: ['127.0.0.1:6379:1']
                """);

        assertThat(problems).hasSize(5);
        List<String> keys = problems.stream()
                .map(problem -> problem.message().replace("unknown key; expected one of ", ""))
                .flatMap(list -> Stream.of(list.split(", ", -1)))
                .distinct()
                .toList();
        assertThat(keys)
                .hasSizeGreaterThan(35)
                .allSatisfy(key -> assertThat(shown).containsPattern("(?m)^ *(# {1,3})?" + key + ":"));
    }
}
