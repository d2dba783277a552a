package io.sluice.bench.report;

import java.util.ArrayList;
import java.util.List;

/** A run as people read it, in a terminal. */
public final class TextReport {

    private TextReport() {}

    public static String of(Run run) {
        StringBuilder text = new StringBuilder();
        for (Run.Fact fact : run.head()) {
            text.append("%-14s%s%n".formatted(fact.name(), fact.value()));
        }
        run.results().forEach(results -> text.append('\n').append(of(results)));
        return text.toString();
    }

    public static String of(Results results) {
        List<List<String>> rows = new ArrayList<>(List.of(ResultRows.titles()));
        rows.addAll(ResultRows.of(results));
        return results.workload() + ": " + results.description() + "\n" + table(rows);
    }

    /** Columns as wide as their widest cell; the first to the left, the others to the right. */
    public static String table(List<List<String>> rows) {
        StringBuilder text = new StringBuilder();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder(" ");
            for (int column = 0; column < row.size(); column++) {
                int width = width(rows, column);
                String format = column == 0 ? " %-" + width + "s" : "  %" + width + "s";
                line.append(format.formatted(row.get(column)));
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }

    private static int width(List<List<String>> rows, int column) {
        return rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(1);
    }
}
