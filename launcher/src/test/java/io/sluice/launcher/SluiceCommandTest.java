package io.sluice.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SluiceCommandTest {

    private static final String TWEMPROXY_FILE = """
            cache:
              listen: 127.0.0.1:22121
              redis: true
              hash: fnv1a_64
              hash_tag: "{}"
              distribution: ketama
              servers:
                - 127.0.0.1:7001:1 alpha
                - 127.0.0.1:7002:1 beta
                - 127.0.0.1:7003:1 gamma
            """;

    @TempDir
    private Path folder;

    @Test
    void helpListsEveryCommandWithExamplesAndExitCodes() {
        CommandRun run = CommandRun.of("--help");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .contains("demo ", "proxy ", "manager ", "check ", "explain ", "ctl ", "version ")
                .contains("Examples:", "Exit codes:", "SLUICE_LOG");
        assertThat(run.err()).isEmpty();
    }

    @Test
    void helpDoesNotOfferWhatThisVersionLacks() {
        CommandRun run = CommandRun.of("--help");

        assertThat(run.out()).doesNotContain("training");
    }

    @ParameterizedTest
    @ValueSource(strings = {"demo", "proxy", "manager", "check", "explain", "ctl", "version"})
    void everyCommandExplainsItselfWithinEightyColumns(String command) {
        CommandRun run = CommandRun.of(command, "--help");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("Usage: sluice " + command, "Exit codes:", "Examples:\n  sluice " + command);
        assertThat(run.out().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
    }

    @Test
    void noCommandShowsTheHelpAndFails() {
        CommandRun run = CommandRun.of();

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("Usage: sluice");
    }

    @ParameterizedTest
    @CsvSource({
        "check --confg x, sluice check, --confg",
        "proxy --hlp, sluice proxy, --hlp",
        "demo --ports 1, sluice demo, --ports",
        "version now, sluice version, now",
        "demoo, sluice, demoo"
    })
    void namesWhatItDoesNotKnowAndWhereToLook(String line, String command, String unknown) {
        CommandRun run = CommandRun.of(line.split(" "));

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).startsWith(command + ": ").contains("'" + unknown, "Try '" + command + " --help'.");
        assertThat(run.err()).doesNotContain("Exception", "\tat ");
    }

    @ParameterizedTest
    @CsvSource({
        "--port 0, from 1 to 65535",
        "--port 65536, from 1 to 65535",
        "--port -1, from 1 to 65535",
        "--shards 0, from 1 to 16",
        "--shards 17, from 1 to 16"
    })
    void demoRefusesNumbersOutOfRangeBeforeItStartsAnything(String option, String range) {
        CommandRun run = CommandRun.of(("demo " + option).split(" "));

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains(range);
    }

    @ParameterizedTest
    @CsvSource({
        "--admin 9600, --admin: expected HOST:PORT",
        "--admin host:0, --admin: expected HOST:PORT",
        "--stats-port 65536, --stats-port: expected a number from 1 to 65535",
        "-s x, --stats-port: expected a number from 1 to 65535",
        "-i fast, --stats-interval: expected a number from 0"
    })
    void proxyRefusesMonitoringOptionsItCannotRead(String option, String problem) throws IOException {
        String config = file("good.yml", TWEMPROXY_FILE);

        CommandRun run = CommandRun.of(("proxy --config " + config + " " + option).split(" "));

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).startsWith("sluice proxy: " + problem);
    }

    @Test
    void versionTellsBuildJavaAndTransports() {
        CommandRun run = CommandRun.of("version");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .containsPattern("sluice +[0-9.]+.* \\(commit \\w+")
                .contains(Runtime.version().toString(), "io_uring", "epoll", "nio       available", "tls       ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"check", "proxy", "manager"})
    void aMissingFileIsOneLine(String command) {
        Path missing = folder.resolve("missing.yml");

        CommandRun run = CommandRun.of(command, "--config", missing.toString());

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err().lines()).containsExactly(missing + ": no such file");
    }

    @Test
    void checkAcceptsATwemproxyFile() throws IOException {
        CommandRun run = CommandRun.of("check", "--config", file("good.yml", TWEMPROXY_FILE));

        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("cache");
    }

    @Test
    void checkTellsTheProblemsOfABadFileAndStillReadsTheGoodOne() throws IOException {
        String bad = file("bad.yml", TWEMPROXY_FILE.replace("fnv1a_64", "fnv1a_46"));
        String good = file("good.yml", TWEMPROXY_FILE);

        CommandRun run = CommandRun.of("check", "--config", bad, good);

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err())
                .contains("bad.yml:4:9: ", "cache.hash", "fnv1a_46")
                .doesNotContain("\tat ");
        assertThat(run.out()).contains("cache");
    }

    @Test
    void explainTellsHashAndOwnerOfEachKey() throws IOException {
        String config = file("good.yml", TWEMPROXY_FILE);

        CommandRun run = CommandRun.of("explain", "--config", config, "apple", "user:1001", "caf\\xc3\\xa9");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .containsPattern("apple +apple +1488911807 +point \\d+ +gamma +127.0.0.1:7003")
                .containsPattern("user:1001 +user:1001 +2927313110 .* beta +127.0.0.1:7002")
                .containsPattern("caf\\\\xc3\\\\xa9 +caf\\\\xc3\\\\xa9 +3472276361 .* beta +127.0.0.1:7002");
    }

    @Test
    void explainTakesTheServersOfATopology() throws IOException {
        String config = file("member.yaml", """
                zookeeper: {connect: '127.0.0.1:1', cluster: blue, last_good: %s/none.json}
                pools:
                  alpha:
                    listen: 127.0.0.1:22121
                    topology: zookeeper
                """.formatted(folder));
        String topology = file("blue.json", """
                {"format": 1, "epoch": 3, "pools": {"alpha": {"distribution": "slots",
                 "shards": {"left": {"primary": "10.0.0.1:6379", "owns": "0-16383"}}}}}
                """);

        CommandRun run = CommandRun.of("explain", "--config", config, "--topology", topology, "apple");
        CommandRun without = CommandRun.of("explain", "--config", config, "apple");

        assertThat(run.out()).containsPattern("apple +apple .* slot \\d+ of 16384 +left +10.0.0.1:6379");
        assertThat(without.exitCode()).isEqualTo(2);
        assertThat(without.err()).contains("none.json: no such file", "cluster 'blue'", "sluice ctl explain");
    }

    @Test
    void explainShowsThePartThatIsHashed() throws IOException {
        CommandRun run = CommandRun.of("explain", "--config", file("good.yml", TWEMPROXY_FILE), "{apple}:cart");

        assertThat(run.out()).containsPattern("\\{apple}:cart +apple +1488911807 .* gamma ");
    }

    @Test
    void explainNamesThePoolsWhenAskedForAnotherOne() throws IOException {
        CommandRun run = CommandRun.of("explain", "--config", file("good.yml", TWEMPROXY_FILE), "--pool", "x", "key");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("no pool 'x', expected one of: cache");
    }

    @Test
    void explainRefusesAnEscapeItDoesNotKnow() throws IOException {
        CommandRun run = CommandRun.of("explain", "--config", file("good.yml", TWEMPROXY_FILE), "a\\q");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("\\xNN", "'a\\q'");
    }

    private String file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text).toString();
    }
}
