package io.sluice.manager.change;

import io.sluice.routing.cluster.Topology;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a change would do.
 *
 * @param before the topology it was compared with; its epoch is what {@code apply} may insist on
 * @param after the topology it would make
 * @param lines what changes, for people; none if nothing does
 * @param warnings what they should think of before they apply it
 */
public record ChangePlan(Topology before, Topology after, List<String> lines, List<String> warnings) {

    public ChangePlan {
        lines = List.copyOf(lines);
        warnings = List.copyOf(warnings);
    }

    public boolean isEmpty() {
        return lines.isEmpty();
    }

    /** The same, and these. */
    ChangePlan withLines(List<String> more) {
        return more.isEmpty()
                ? this
                : new ChangePlan(
                        before,
                        after,
                        Stream.concat(lines.stream(), more.stream()).toList(),
                        warnings);
    }
}
