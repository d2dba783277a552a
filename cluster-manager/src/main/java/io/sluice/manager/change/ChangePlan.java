package io.sluice.manager.change;

import io.sluice.routing.cluster.Topology;
import java.util.List;

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
}
