package io.sluice.routing.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.sluice.routing.config.YamlSection.Form;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class YamlSectionTest {
    private static final Duration DAY = Duration.ofDays(1);

    @Test
    void gettersAnswerHarmlesslyAndTheProblemsAreThrownAtTheEnd() {
        YamlSection root = parse("""
                alpha:
                  server_failure_limit: two
                  server_retry_timeuot: 400
                """);

        YamlSection alpha = root.section("alpha", "a pool").orElseThrow();
        int limit = alpha.value("server_failure_limit", 2, ScalarType.integer(1, 1_000));
        Duration retry = alpha.value("server_retry_timeout", DAY, ScalarType.millis(Duration.ZERO, DAY));
        alpha.rejectUnknownKeys();

        assertThat(limit).isEqualTo(2);
        assertThat(retry).isEqualTo(DAY);
        assertThat(told(root))
                .containsExactly(
                        "f.yml:2:25: alpha.server_failure_limit: 'two' is not an integer; expected an integer from 1 to"
                                + " 1000",
                        "f.yml:3:3: alpha.server_retry_timeuot: unknown key; did you mean 'server_retry_timeout'?");
    }

    @Test
    void problemsAreInTheOrderOfTheFile() {
        YamlSection root = parse("a: x\nb: x\nc: x\n");

        List.of("c", "a", "b").forEach(key -> root.optional(key, ScalarType.BOOLEAN));

        assertThat(told(root))
                .extracting(line -> line.substring(0, 11))
                .containsExactly("f.yml:1:4: ", "f.yml:2:4: ", "f.yml:3:4: ");
    }

    @Test
    void aSoundSectionThrowsNothing() {
        YamlSection root = parse("a: true\n");

        boolean a = root.value("a", false, ScalarType.BOOLEAN);
        root.rejectUnknownKeys();
        root.throwIfMistaken();

        assertThat(a).isTrue();
        assertThat(root.warnings()).isEmpty();
    }

    @Test
    void warningsAreNoMistakes() {
        YamlSection root = parse("a: true\n");

        root.warning("a", "odd");
        root.throwIfMistaken();

        assertThat(root.warnings()).singleElement().hasToString("f.yml:1:4: warning: a: odd");
    }

    @Test
    void formsAreToldApart() {
        YamlSection root = parse("a: 1\nb: [1]\nc: {d: 1}\n");

        assertThat(List.of(root.formOf("a"), root.formOf("b"), root.formOf("c"), root.formOf("d")))
                .containsExactly(Form.SCALAR, Form.LIST, Form.SECTION, Form.ABSENT);
    }

    @Test
    void aViewLeavesNoTrace() {
        YamlSection root = parse("a: {b: 1, b: 2}\n");

        assertThat(root.view("a").orElseThrow().keys()).containsExactly("b");
        root.throwIfMistaken();
        root.section("a", "a section");

        assertThat(told(root)).containsExactly("f.yml:1:11: a.b: duplicate key; it stands on line 1 already");
    }

    @ParameterizedTest
    @CsvSource({"0,PT0S", "7,PT0.007S", "400ms,PT0.4S", "5s,PT5S", "2m,PT2M", "1440m,PT24H"})
    void durations(String text, Duration expected) {
        assertThat(parse("a: " + text).optional("a", ScalarType.duration(Duration.ZERO, DAY)))
                .contains(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "s", "5 s", "-1s", "5h", "1.5s", "5S", "1441m", "0x10", "1_000", "\u0661s"})
    void noDurations(String text) {
        YamlSection root = parse("a: '" + text + "'");

        assertThat(root.optional("a", ScalarType.duration(Duration.ZERO, DAY))).isEmpty();
        assertThat(told(root)).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({"0,0", "512,512", "8kb,8192", "8KB,8192", "64mb,67108864", "1gb,1073741824"})
    void sizes(String text, int expected) {
        assertThat(parse("a: " + text).optional("a", ScalarType.bytes(0, 1 << 30)))
                .contains(expected);
    }

    @Test
    void nestingEndsAtItsLimit() {
        String deepest = "a: " + "[".repeat(YamlReader.MAX_DEPTH - 1) + "]".repeat(YamlReader.MAX_DEPTH - 1);
        String deeper = deepest.replace("a: ", "a: [") + "]";

        assertThat(parse(deepest).formOf("a")).isEqualTo(Form.LIST);
        assertThat(catchThrowableOfType(ConfigException.class, () -> parse(deeper))
                        .problems())
                .singleElement()
                .asString()
                .contains("nested deeper than 16");
    }

    private static YamlSection parse(String text) {
        return YamlReader.parse("f.yml", text.getBytes(StandardCharsets.UTF_8));
    }

    private static List<String> told(YamlSection root) {
        return catchThrowableOfType(ConfigException.class, root::throwIfMistaken).problems().stream()
                .map(ConfigProblem::toString)
                .toList();
    }
}
