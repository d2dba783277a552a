package io.sluice.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** The cells of one workload's table: each figure with its ratio to nutcracker in brackets. */
final class ResultRows {

    private ResultRows() {}

    static List<String> titles() {
        List<String> titles = new ArrayList<>(List.of("target"));
        for (Figure figure : Figure.values()) {
            titles.add(figure.title());
            if (figure == Figure.SYSTEM) {
                titles.add("calls/req");
            }
        }
        return titles;
    }

    static List<List<String>> of(Results results) {
        return results.targets().stream().map(target -> row(results, target)).toList();
    }

    private static List<String> row(Results results, String target) {
        List<String> cells = new ArrayList<>(List.of(target));
        for (Figure figure : Figure.values()) {
            cells.add(figure.print(results.median(target, figure)) + ratio(results.ratioToNutcracker(target, figure)));
            if (figure == Figure.SYSTEM) {
                cells.add(systemCalls(results.systemCalls(target)));
            }
        }
        return cells;
    }

    private static String ratio(OptionalDouble ratio) {
        return ratio.isEmpty() ? "" : String.format(Locale.ROOT, " (%.2f)", ratio.getAsDouble());
    }

    private static String systemCalls(OptionalDouble calls) {
        return calls.isEmpty() ? "-" : String.format(Locale.ROOT, "%.2f", calls.getAsDouble());
    }
}
