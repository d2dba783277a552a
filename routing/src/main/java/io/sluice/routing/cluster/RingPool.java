package io.sluice.routing.cluster;

import io.sluice.routing.config.PoolDefinition;
import io.sluice.routing.topology.PoolProtocol;
import io.sluice.routing.topology.Server;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A pool whose keys are spread by ketama, modula or at random over servers that each stand alone.
 *
 * @param definition with the servers that it has, and that its keys are on until a change is done
 * @param change on its way, if there is one
 */
public record RingPool(
        PoolProtocol protocol,
        PoolDefinition definition,
        @Nullable RingChange change) implements TopologyPool {

    /** One that stays as it is. */
    public RingPool(PoolProtocol protocol, PoolDefinition definition) {
        this(protocol, definition, null);
    }

    @Override
    public String name() {
        return definition.name();
    }

    /** What is on its way. */
    public Optional<RingChange> underway() {
        return Optional.ofNullable(change);
    }

    /** How keys will be spread once the change is done: the same rule over its servers. */
    public Optional<PoolDefinition> nextDefinition() {
        return underway().map(found -> over(found.next()));
    }

    public RingPool withChange(RingChange other) {
        return new RingPool(protocol, definition, other);
    }

    public RingPool withoutChange() {
        return new RingPool(protocol, definition, null);
    }

    /** The same with these servers, in ring order; what is on its way stays. */
    public RingPool withServers(Collection<Server> servers) {
        return new RingPool(protocol, over(servers), change);
    }

    private PoolDefinition over(Collection<Server> servers) {
        List<Server> sorted = servers.stream().sorted(Server.RING_ORDER).toList();
        return new PoolDefinition(
                definition.name(),
                definition.hash(),
                definition.hashTag(),
                definition.distribution(),
                sorted,
                definition.slotOwners());
    }
}
