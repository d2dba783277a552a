package io.sluice.proxy.config;

import static io.sluice.proxy.config.ConfigText.problems;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.sluice.routing.config.ConfigException;
import io.sluice.routing.config.ConfigProblem;
import io.sluice.routing.config.YamlReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BrokenConfigTest {

    /** What would show that nobody thought of the reader: names of classes, or our parser's own words. */
    private static final Pattern UNREADABLE =
            Pattern.compile("(java|javax|org|io)\\.[a-z]+\\.|Exception|<block|\\bat line\\b|in 'reader'|\\bnull\\b");

    @TempDir
    Path folder;

    /** One file of {@code broken.txt}. */
    record Broken(String name, String text, List<String> told) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Broken> brokenFiles() throws IOException {
        try (InputStream in = Objects.requireNonNull(BrokenConfigTest.class.getResourceAsStream("broken.txt"))) {
            String all = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return Pattern.compile("(?m)^=== ")
                    .splitAsStream(all)
                    .skip(1)
                    .map(BrokenConfigTest::broken)
                    .toList();
        }
    }

    private static Broken broken(String section) {
        List<String> lines = new ArrayList<>(section.lines().toList());
        String name = lines.remove(0);
        List<String> told = lines.stream()
                .filter(line -> line.startsWith(">>> "))
                .map(line -> line.substring(4))
                .toList();
        String text = lines.stream()
                .takeWhile(line -> !line.startsWith(">>> "))
                .map(line -> line + "\n")
                .collect(Collectors.joining());
        return new Broken(name, text, told);
    }

    @Test
    void thereAreManyBrokenFiles() throws IOException {
        assertThat(brokenFiles())
                .hasSizeGreaterThan(90)
                .allSatisfy(broken -> assertThat(broken.told()).isNotEmpty());
    }

    @ParameterizedTest
    @MethodSource("brokenFiles")
    void tellsEverythingThatIsWrongAndWhere(Broken broken) {
        List<String> told =
                problems(broken.text()).stream().map(ConfigProblem::toString).toList();

        assertThat(told).hasSameSizeAs(broken.told());
        for (int i = 0; i < told.size(); i++) {
            assertThat(told.get(i)).matches(lineLike(broken.told().get(i))).doesNotContainPattern(UNREADABLE);
        }
    }

    /** What {@code broken.txt} writes: without the file's name, and with ... for any text. */
    private static Pattern lineLike(String expected) {
        String separator = Character.isDigit(expected.charAt(0)) ? ":" : ": ";
        String[] parts = ("f.yml" + separator + expected).split(Pattern.quote("..."), -1);
        return Pattern.compile(Stream.of(parts).map(Pattern::quote).collect(Collectors.joining(".*")));
    }

    @Test
    void aProblemHasItsPartsApart() {
        List<ConfigProblem> problems = problems(ConfigText.twemproxyPool("hash: fnv1a64"));

        assertThat(problems).singleElement().satisfies(problem -> {
            assertThat(problem.file()).isEqualTo("f.yml");
            assertThat(problem.line()).isEqualTo(6);
            assertThat(problem.column()).isEqualTo(9);
            assertThat(problem.key()).isEqualTo("alpha.hash");
            assertThat(problem.severity()).isEqualTo(ConfigProblem.Severity.MISTAKE);
        });
    }

    @Test
    void theMessageOfTheExceptionIsAllProblemsLineByLine() {
        String text = ConfigText.twemproxyPool("hash: x", "timeout: y");

        ConfigException refusal = catchThrowableOfType(ConfigException.class, () -> ConfigText.read(text));

        assertThat(refusal.getMessage().lines())
                .containsExactlyElementsOf(
                        refusal.problems().stream().map(ConfigProblem::toString).toList());
    }

    @Test
    void passwordsAreNotTold() {
        List<ConfigProblem> problems = problems("""
                alpha:
                  redis_auth: [hunter2]
                  redis_auth: hunter2
                beta:
                  redis_auth: {hunter2: 1}
                gamma:
                  redis: false
                  redis_auth: hunter2
                """);

        assertThat(problems).hasSizeGreaterThan(5);
        assertThat(problems.toString()).doesNotContain("hunter2");
    }

    @Test
    void onlyTheFirstHundredProblemsAreTold() {
        String[] lines = Stream.iterate(0, i -> i + 1)
                .limit(150)
                .map(i -> "qqqqqqq" + i + ": 1")
                .toArray(String[]::new);

        List<ConfigProblem> problems = problems(ConfigText.twemproxyPool(lines));

        assertThat(problems).hasSize(101);
        assertThat(problems.get(100)).hasToString("f.yml:106:3: and 50 more problems from here on");
    }

    @Test
    void aFileThatIsNotThere() {
        Path file = folder.resolve("none.yml");

        assertThat(refusalOf(file)).isEqualTo(file + ": no such file");
    }

    @Test
    void aFolder() {
        assertThat(refusalOf(folder)).isEqualTo(folder + ": is a directory; expected a file");
    }

    @Test
    void aFileUnderAFile() throws IOException {
        Path file = Files.writeString(folder.resolve("a"), "x").resolve("b.yml");

        assertThat(refusalOf(file)).startsWith(file + ": cannot be read: ").doesNotContain("Exception");
    }

    @Test
    void anEmptyFile() throws IOException {
        Path file = Files.createFile(folder.resolve("empty.yml"));

        assertThat(refusalOf(file)).isEqualTo(file + ": is empty; expected at least one pool");
    }

    @Test
    void aFileThatIsNotUtf8() throws IOException {
        Path file = Files.write(
                folder.resolve("latin.yml"), "alpha:\n  # caf\u00e9\n".getBytes(StandardCharsets.ISO_8859_1));

        assertThat(refusalOf(file)).isEqualTo(file + ":2:8: byte 0xe9 is not text; expected a text file in UTF-8");
    }

    @Test
    void aFileThatEndsWithinACharacter() throws IOException {
        Path file = Files.write(folder.resolve("cut.yml"), new byte[] {'a', (byte) 0xc3});

        assertThat(refusalOf(file)).isEqualTo(file + ":1:2: byte 0xc3 is not text; expected a text file in UTF-8");
    }

    @Test
    void aBinaryFile() throws IOException {
        Path file = Files.write(folder.resolve("a.bin"), new byte[] {0x7f, 'E', 'L', 'F', 0, 0, 1});

        assertThat(refusalOf(file))
                .isEqualTo(file + ":1:1: the character U+007F is not allowed in YAML; expected a text file");
    }

    @Test
    void aFileAtTheLimitIsReadAndALargerOneIsNot() throws IOException {
        String pool = ConfigText.twemproxyPool();
        String comment = "#".repeat(YamlReader.MAX_FILE_BYTES - pool.length() - 1) + "\n";
        Path largest = Files.writeString(folder.resolve("largest.yml"), comment + pool);
        Path larger = Files.writeString(folder.resolve("larger.yml"), "#" + comment + pool);

        ProxyConfig config = ProxyConfig.read(largest);

        assertThat(config.pools()).hasSize(1);
        assertThat(refusalOf(larger)).isEqualTo(larger + ": is too large; expected at most 1048576 bytes");
    }

    @Test
    void aControlCharacter() {
        assertThat(problems("alpha:\n  listen: \u0001\n"))
                .singleElement()
                .hasToString("f.yml:2:11: the character U+0001 is not allowed in YAML; expected a text file");
    }

    private static String refusalOf(Path file) {
        ConfigException refusal = catchThrowableOfType(ConfigException.class, () -> ProxyConfig.read(file));
        return refusal.getMessage();
    }
}
