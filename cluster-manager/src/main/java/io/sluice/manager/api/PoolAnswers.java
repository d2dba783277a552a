package io.sluice.manager.api;

import io.sluice.manager.api.Answers.HandoffAnswer;
import io.sluice.manager.api.Answers.PoolAnswer;
import io.sluice.manager.api.Answers.RangeAnswer;
import io.sluice.manager.api.Answers.RingServerAnswer;
import io.sluice.manager.api.Answers.ShardAnswer;
import io.sluice.manager.api.Answers.SlotsAnswer;
import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.Shard;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.TopologyPool;
import io.sluice.routing.cluster.WaitingMove;
import io.sluice.routing.config.PoolDefinition;
import io.sluice.routing.distribution.Distribution;
import io.sluice.routing.topology.Server;
import io.sluice.routing.topology.ServerAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Pools and their parts as the API has them. */
final class PoolAnswers {

    private PoolAnswers() {}

    static PoolAnswer pool(TopologyPool pool) {
        PoolDefinition definition = pool.definition();
        @Nullable SlotPool slots = pool instanceof SlotPool found ? found : null;
        return new PoolAnswer(
                pool.name(),
                pool.protocol().word(),
                definition.distribution().configName(),
                definition.hash().configName(),
                definition.hashTag() == null ? null : definition.hashTag().toString(),
                slots == null ? null : (Integer) slots.hash().slots(),
                slots == null ? null : slots.unowned().toString(),
                slots == null
                        ? List.of()
                        : slots.shards().values().stream()
                                .map(PoolAnswers::shard)
                                .toList(),
                slots == null
                        ? definition.servers().stream().map(PoolAnswers::server).toList()
                        : List.of(),
                slots == null
                        ? List.of()
                        : Stream.concat(
                                        slots.handoffs().values().stream().map(PoolAnswers::handoff),
                                        slots.waiting().values().stream().map(PoolAnswers::waiting))
                                .toList());
    }

    static ShardAnswer shard(Shard shard) {
        return new ShardAnswer(
                shard.name(),
                shard.primary().toString(),
                shard.replicas().stream().map(ServerAddress::toString).toList(),
                shard.slots().toString(),
                shard.slots().size(),
                shard.draining() ? (Boolean) true : null);
    }

    private static RingServerAnswer server(Server server) {
        return new RingServerAnswer(server.name(), server.address().toString(), server.weight());
    }

    static HandoffAnswer handoff(Handoff handoff) {
        return new HandoffAnswer(
                handoff.id(), handoff.state().name(), handoff.slots().toString(), handoff.from(), handoff.to());
    }

    private static HandoffAnswer waiting(WaitingMove move) {
        return new HandoffAnswer(move.id(), "WAITING", move.slots().toString(), move.from(), move.to());
    }

    /** Neighbours with the same owner are one range. */
    static SlotsAnswer slots(long epoch, SlotPool pool) {
        List<Integer> owners = pool.definition().slotOwners();
        List<Shard> shards = List.copyOf(pool.shards().values());
        List<RangeAnswer> ranges = new ArrayList<>();
        for (int first = 0; first < owners.size(); ) {
            int end = first + 1;
            while (end < owners.size() && owners.get(end).equals(owners.get(first))) {
                end++;
            }
            int owner = owners.get(first);
            ranges.add(range(first, end, owner == Distribution.NOBODY ? null : shards.get(owner)));
            first = end;
        }
        return new SlotsAnswer(epoch, pool.name(), owners.size(), ranges);
    }

    private static RangeAnswer range(int first, int end, @Nullable Shard owner) {
        return new RangeAnswer(
                end == first + 1 ? Integer.toString(first) : first + "-" + (end - 1),
                end - first,
                owner == null ? null : owner.name(),
                owner == null ? null : owner.primary().toString());
    }
}
