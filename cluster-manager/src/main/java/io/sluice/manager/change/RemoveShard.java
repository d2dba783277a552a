package io.sluice.manager.change;

import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.Shard;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.cluster.WaitingMove;
import java.util.List;
import java.util.stream.Stream;

/** A shard that owns nothing goes. */
public record RemoveShard(String pool, String shard) implements TopologyChange {

    @Override
    public String title() {
        return "shard remove " + shard + " from " + pool;
    }

    @Override
    public Topology applyTo(Topology before) throws ChangeRefusedException {
        SlotPool found = Inventory.slotPool(before, pool, "; remove the server with 'server remove'");
        Shard going = Inventory.shard(found, shard);
        List<String> handoffs = Stream.concat(
                        found.handoffs().values().stream()
                                .filter(handoff -> handoff.from().equals(shard)
                                        || handoff.to().equals(shard))
                                .map(Handoff::id),
                        found.waiting().values().stream()
                                .filter(move -> move.concerns(shard))
                                .map(WaitingMove::id))
                .toList();
        if (!handoffs.isEmpty()) {
            throw new ChangeRefusedException("shard '" + shard + "' takes part in handoff "
                    + String.join(", ", handoffs) + ": wait for it, or abort it first");
        }
        if (!going.slots().isEmpty()) {
            throw new ChangeRefusedException("shard '" + shard + "' owns " + PoolText.described(going.slots())
                    + "; 'shard drain' moves them to others");
        }
        return before.withPool(found.withoutShard(shard));
    }
}
