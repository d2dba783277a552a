package io.sluice.routing.cluster;

import io.sluice.routing.config.PoolDefinition;
import io.sluice.routing.distribution.Distribution;
import io.sluice.routing.distribution.DistributionKind;
import io.sluice.routing.hash.HashTag;
import io.sluice.routing.hash.SlotHash;
import io.sluice.routing.topology.PoolProtocol;
import io.sluice.routing.topology.Server;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * A pool of fixed slots, owned by shards. A slot may be nobody's.
 *
 * @param hash how keys fall into slots, and how many there are
 * @param shards by name, in the order of the document
 * @param handoffs by id
 * @param waiting moves whose turn has not come, by id, in the order in which they were asked for
 */
public record SlotPool(
        String name,
        PoolProtocol protocol,
        SlotHash hash,
        Map<String, Shard> shards,
        Map<String, Handoff> handoffs,
        Map<String, WaitingMove> waiting)
        implements TopologyPool {

    public SlotPool {
        shards = Collections.unmodifiableMap(new LinkedHashMap<>(shards));
        handoffs = Collections.unmodifiableMap(new LinkedHashMap<>(handoffs));
        waiting = Collections.unmodifiableMap(new LinkedHashMap<>(waiting));
    }

    /** One in which no move waits. */
    public SlotPool(
            String name,
            PoolProtocol protocol,
            SlotHash hash,
            Map<String, Shard> shards,
            Map<String, Handoff> handoffs) {
        this(name, protocol, hash, shards, handoffs, Map.of());
    }

    public Optional<Shard> shard(String shardName) {
        return Optional.ofNullable(shards.get(shardName));
    }

    public Optional<Handoff> handoff(String id) {
        return Optional.ofNullable(handoffs.get(id));
    }

    /** The slots that no shard owns. */
    public SlotSet unowned() {
        SlotSet left = SlotSet.range(0, hash.slots() - 1);
        for (Shard shard : shards.values()) {
            left = left.without(shard.slots());
        }
        return left;
    }

    public Optional<Shard> ownerOf(int slot) {
        return shards.values().stream()
                .filter(shard -> shard.slots().contains(slot))
                .findFirst();
    }

    public SlotPool withShard(Shard shard) {
        Map<String, Shard> changed = new LinkedHashMap<>(shards);
        changed.put(shard.name(), shard);
        return new SlotPool(name, protocol, hash, changed, handoffs, waiting);
    }

    public SlotPool withoutShard(String shardName) {
        Map<String, Shard> changed = new LinkedHashMap<>(shards);
        changed.remove(shardName);
        return new SlotPool(name, protocol, hash, changed, handoffs, waiting);
    }

    /** Each shard as {@code change} has it; names stay. */
    public SlotPool withShards(UnaryOperator<Shard> change) {
        Map<String, Shard> changed = new LinkedHashMap<>();
        shards.forEach((shardName, shard) -> changed.put(shardName, change.apply(shard)));
        return new SlotPool(name, protocol, hash, changed, handoffs, waiting);
    }

    /** The same with these slots owned by that shard, and by no other. */
    public SlotPool withOwner(SlotSet slots, String shardName) {
        return withShards(shard -> shard.withSlots(
                shard.name().equals(shardName)
                        ? shard.slots().with(slots)
                        : shard.slots().without(slots)));
    }

    public SlotPool withHandoff(Handoff handoff) {
        Map<String, Handoff> changed = new LinkedHashMap<>(handoffs);
        changed.put(handoff.id(), handoff);
        return new SlotPool(name, protocol, hash, shards, changed, waiting);
    }

    public SlotPool withoutHandoff(String id) {
        Map<String, Handoff> changed = new LinkedHashMap<>(handoffs);
        changed.remove(id);
        return new SlotPool(name, protocol, hash, shards, changed, waiting);
    }

    public SlotPool withWaiting(WaitingMove move) {
        Map<String, WaitingMove> changed = new LinkedHashMap<>(waiting);
        changed.put(move.id(), move);
        return new SlotPool(name, protocol, hash, shards, handoffs, changed);
    }

    public SlotPool withoutWaiting(String id) {
        Map<String, WaitingMove> changed = new LinkedHashMap<>(waiting);
        changed.remove(id);
        return new SlotPool(name, protocol, hash, shards, handoffs, changed);
    }

    /** The handoff that makes a copy of another shard's server out of this one's, whatever is there; before its switch. */
    public Optional<Handoff> replacing(String shardName) {
        return handoffs.values().stream()
                .filter(handoff -> handoff.wholeServer() && handoff.state() != HandoffState.SWITCHED)
                .filter(handoff -> handoff.to().equals(shardName))
                .findFirst();
    }

    /** A server for each shard, with the shard's name and its primary's address. */
    @Override
    public PoolDefinition definition() {
        List<Server> servers = shards.values().stream()
                .map(shard -> new Server(shard.name(), shard.primary(), 1))
                .toList();
        return new PoolDefinition(
                name,
                hash.algorithm(),
                HashTag.BRACES,
                DistributionKind.SLOTS,
                servers,
                Arrays.stream(owners()).boxed().collect(Collectors.toUnmodifiableList()));
    }

    private int[] owners() {
        int[] owners = new int[hash.slots()];
        Arrays.fill(owners, Distribution.NOBODY);
        int index = 0;
        for (Shard shard : shards.values()) {
            for (int slot = shard.slots().next(0);
                    slot >= 0;
                    slot = shard.slots().next(slot + 1)) {
                owners[slot] = index;
            }
            index++;
        }
        return owners;
    }
}
