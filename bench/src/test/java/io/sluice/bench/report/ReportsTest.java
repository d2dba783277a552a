package io.sluice.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sluice.bench.load.Workload;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class ReportsTest {

    private final Results results = new Results(Workload.P1, Workload.P1.describe("GET"));
    private final Run run = new Run(List.of(new Run.Fact("commit", "a \"quoted\" one")), List.of(results));

    @Test
    void ratioIsTheMedianOfTheRatiosOfEachRound() {
        add("nutcracker", 100, 200, 400);
        add("sluice", 150, 220, 480);

        assertThat(results.ratioToNutcracker("sluice", Figure.PER_SECOND).orElseThrow())
                .isCloseTo(1.2, within(1e-9));
        assertThat(results.median("sluice", Figure.PER_SECOND)).isEqualTo(220);
    }

    @Test
    void withoutNutcrackerThereAreNoRatios() {
        add("sluice", 150);

        assertThat(TextReport.of(run)).contains("sluice").doesNotContain("(1");
    }

    @Test
    void tablesHaveTheHeadAndARowForEachTarget() {
        add("nutcracker", 100);
        add("sluice", 150);
        results.setSystemCalls("sluice", OptionalDouble.of(0.456));

        String markdown = MarkdownReport.of(run);

        assertThat(markdown)
                .contains("| commit | a \"quoted\" one |", "| sluice | 150 (1.50) | 1.000 (1.00) |", "| 0.46 |");
        assertThat(markdown.lines().filter(line -> line.startsWith("| sluice"))).hasSize(1);
    }

    @Test
    void aServerWithoutAProxyHasNoCostOfAProxy() {
        add("nutcracker", 100);
        results.add("direct", new Sample(300, 1, 2, 3, Double.NaN, Double.NaN, Double.NaN, Double.NaN));

        assertThat(MarkdownReport.of(run)).contains("| direct | 300 (3.00) |").contains("| - | - | - | - |");
        assertThat(JsonReport.of(run)).doesNotContain("NaN");
    }

    @Test
    void jsonIsQuotedAndHasTheFigures() {
        add("sluice", 150);

        assertThat(JsonReport.of(run))
                .contains("\"commit\": \"a \\\"quoted\\\" one\"", "\"p1\"", "\"rounds\": 1", "\"perSecond\": 150.000");
    }

    @Test
    void medianOfAnEvenNumberIsBetweenTheTwoInTheMiddle() {
        assertThat(Statistics.median(List.of(4.0, 1.0, 3.0, 2.0))).isEqualTo(2.5);
    }

    private void add(String target, double... perSecond) {
        for (double value : perSecond) {
            results.add(target, new Sample(value, 1, 2, 3, 4, 5, 100, 110));
        }
    }
}
