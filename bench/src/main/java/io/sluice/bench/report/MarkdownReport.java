package io.sluice.bench.report;

import java.util.List;

/** A run as it goes into a document. */
public final class MarkdownReport {

    private MarkdownReport() {}

    public static String of(Run run) {
        StringBuilder text = new StringBuilder("| | |\n| --- | --- |\n");
        run.head().forEach(fact -> appendRow(text, List.of(fact.name(), fact.value())));
        for (Results results : run.results()) {
            text.append("\n**%s**: %s\n\n".formatted(results.workload(), results.description()));
            appendTable(text, results);
        }
        return text.toString();
    }

    private static void appendTable(StringBuilder text, Results results) {
        List<String> titles = ResultRows.titles();
        appendRow(text, titles);
        text.append("| ---").append(" | ---:".repeat(titles.size() - 1)).append(" |\n");
        ResultRows.of(results).forEach(row -> appendRow(text, row));
    }

    private static void appendRow(StringBuilder text, List<String> cells) {
        text.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }
}
