package io.sluice.manager.migration;

import io.sluice.manager.change.ChangeRefusedException;
import io.sluice.manager.change.HandoffOrder;
import io.sluice.manager.change.TopologyChange;
import io.sluice.manager.store.HandoffLimit;
import io.sluice.routing.cluster.Topology;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Other limits for a move, while it runs.
 *
 * @param limits those that change; {@link HandoffLimit#AUTO} for the manager's own
 */
public record LimitHandoff(String pool, String id, Map<HandoffLimit, Long> limits) implements TopologyChange {

    public LimitHandoff {
        limits = Map.copyOf(limits);
    }

    @Override
    public String title() {
        return "migrations limits " + id;
    }

    @Override
    public Topology applyTo(Topology before) throws ChangeRefusedException {
        if (limits.isEmpty()) {
            String all =
                    Stream.of(HandoffLimit.values()).map(HandoffLimit::word).collect(Collectors.joining(", "));
            throw new ChangeRefusedException("which limit? Say at least one of " + all);
        }
        FoundHandoff.in(before, pool, id);
        return before;
    }

    @Override
    public Optional<HandoffOrder> order() {
        return Optional.of(new HandoffOrder(id, orders -> orders.with(limits)));
    }
}
