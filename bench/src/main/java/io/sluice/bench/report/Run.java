package io.sluice.bench.report;

import java.util.ArrayList;
import java.util.List;

/**
 * What was run, and all that came out.
 *
 * @param head name and value of what a reader must know: machine, versions, commit, client
 * @param results one for each workload
 */
public record Run(List<Fact> head, List<Results> results) {

    /** One line of the head. */
    public record Fact(String name, String value) {}

    public Run {
        head = List.copyOf(head);
        results = List.copyOf(results);
    }

    public Run with(Fact fact) {
        List<Fact> longer = new ArrayList<>(head);
        longer.add(fact);
        return new Run(longer, results);
    }
}
