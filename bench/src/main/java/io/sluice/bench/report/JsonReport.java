package io.sluice.bench.report;

import java.util.Locale;
import java.util.OptionalDouble;
import java.util.StringJoiner;

/** A run for programs: medians and ratios, unrounded. */
public final class JsonReport {

    private JsonReport() {}

    public static String of(Run run) {
        StringJoiner head = new StringJoiner(",\n    ", "{\n    ", "\n  }");
        run.head().forEach(fact -> head.add(quote(fact.name()) + ": " + quote(fact.value())));
        StringJoiner workloads = new StringJoiner(",\n    ", "{\n    ", "\n  }");
        run.results().forEach(results -> workloads.add(quote(results.workload().toString()) + ": " + of(results)));
        return "{\n  \"run\": " + head + ",\n  \"workloads\": " + workloads + "\n}\n";
    }

    private static String of(Results results) {
        StringJoiner targets = new StringJoiner(",\n      ", "{\n      ", "\n    }");
        results.targets().forEach(target -> targets.add(quote(target) + ": " + of(results, target)));
        return targets.toString();
    }

    private static String of(Results results, String target) {
        StringJoiner figures = new StringJoiner(", ", "{", "}");
        figures.add("\"rounds\": " + results.rounds(target));
        for (Figure figure : Figure.values()) {
            double median = results.median(target, figure);
            if (!Double.isNaN(median)) {
                figures.add(quote(figure.jsonKey()) + ": " + number(median));
            }
            OptionalDouble ratio = results.ratioToNutcracker(target, figure);
            if (ratio.isPresent()) {
                figures.add(quote(figure.jsonKey() + "Ratio") + ": " + number(ratio.getAsDouble()));
            }
        }
        OptionalDouble calls = results.systemCalls(target);
        if (calls.isPresent()) {
            figures.add("\"systemCallsPerRequest\": " + number(calls.getAsDouble()));
        }
        return figures.toString();
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.6g", value);
    }

    static String quote(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ') {
                quoted.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}
