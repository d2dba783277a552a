package io.sluice.manager.api;

import io.sluice.manager.api.Answers.ClusterAnswer;
import io.sluice.manager.api.Answers.ExplainAnswer;
import io.sluice.manager.api.Answers.HandoffAnswer;
import io.sluice.manager.api.Answers.ManagerAnswer;
import io.sluice.manager.api.Answers.PoolsAnswer;
import io.sluice.manager.api.Answers.ShardsAnswer;
import io.sluice.manager.store.Cluster;
import io.sluice.manager.store.StoreException;
import io.sluice.routing.Route;
import io.sluice.routing.Router;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.cluster.TopologyDocument;
import io.sluice.routing.cluster.TopologyPool;
import io.sluice.routing.config.Words;
import io.sluice.routing.topology.Server;
import java.util.Collection;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the topology says. */
final class TopologyPages {

    private final Cluster cluster;
    private final String managerName;

    TopologyPages(Cluster cluster, String managerName) {
        this.cluster = cluster;
        this.managerName = managerName;
    }

    private Topology topology() throws StoreException {
        return cluster.topologies().read().topology();
    }

    String cluster(ApiRequest request) throws StoreException {
        Topology topology = topology();
        return ApiJson.text(new ClusterAnswer(
                cluster.name(),
                topology.epoch(),
                topology.term(),
                cluster.leadership().leaderUrl().orElse(null),
                new ManagerAnswer(managerName, cluster.leadership().leads())));
    }

    String pools(ApiRequest request) throws StoreException {
        Topology topology = topology();
        return ApiJson.text(new PoolsAnswer(
                topology.epoch(),
                topology.pools().values().stream().map(PoolAnswers::pool).toList()));
    }

    String pool(ApiRequest request) throws StoreException, ApiException {
        return ApiJson.text(PoolAnswers.pool(pool(topology(), request.place("NAME"))));
    }

    String shards(ApiRequest request) throws StoreException, ApiException {
        Topology topology = topology();
        SlotPool pool = slotPool(topology, request.place("NAME"));
        return ApiJson.text(new ShardsAnswer(
                topology.epoch(),
                pool.name(),
                pool.shards().values().stream().map(PoolAnswers::shard).toList()));
    }

    String slots(ApiRequest request) throws StoreException, ApiException {
        Topology topology = topology();
        return ApiJson.text(PoolAnswers.slots(topology.epoch(), slotPool(topology, request.place("NAME"))));
    }

    /** The document itself. */
    String document(ApiRequest request) throws StoreException {
        return TopologyDocument.text(topology());
    }

    String explain(ApiRequest request) throws StoreException, ApiException {
        byte[] key = request.bytes("key")
                .orElseThrow(() -> ApiException.badRequest("no key", "ask for /v1/explain?pool=NAME&key=KEY"));
        Topology topology = topology();
        Optional<String> name = request.text("pool");
        if (name.isEmpty() && topology.pools().size() != 1) {
            throw ApiException.badRequest("which pool?", "ask for /v1/explain?pool=NAME&key=KEY" + there(topology));
        }
        TopologyPool pool = name.isPresent()
                ? pool(topology, name.get())
                : topology.pools().values().iterator().next();
        return ApiJson.text(
                explained(topology, pool, Router.of(pool.definition()).explain(key)));
    }

    private static ExplainAnswer explained(Topology topology, TopologyPool pool, Route route) {
        @Nullable Long position = route.position().isPresent() ? route.position().getAsLong() : null;
        @Nullable HandoffAnswer handoff = pool instanceof SlotPool slots && position != null
                ? slots.handoffs().values().stream()
                        .filter(moving -> moving.slots().contains(position.intValue()))
                        .findFirst()
                        .map(PoolAnswers::handoff)
                        .orElse(null)
                : null;
        return new ExplainAnswer(
                topology.epoch(),
                pool.name(),
                pool.definition().distribution().configName(),
                route.hashedPart(),
                route.hash(),
                position,
                route.positions(),
                route.server().map(Server::name).orElse(null),
                route.server().map(server -> server.address().toString()).orElse(null),
                handoff);
    }

    static SlotPool slotPool(Topology topology, String name) throws ApiException {
        if (pool(topology, name) instanceof SlotPool slots) {
            return slots;
        }
        throw ApiException.of(
                404,
                "not_found",
                "pool '" + name + "' is a ring: it has no shards and no slots",
                "GET /v1/pools/" + name + " tells its servers");
    }

    private static TopologyPool pool(Topology topology, String name) throws ApiException {
        Collection<String> known = topology.pools().keySet();
        return topology.pool(name).orElseThrow(() -> {
            String meant = Words.didYouMean(name, known);
            return ApiException.notFound("no pool " + Words.quoted(name) + (meant.isEmpty() ? there(topology) : meant));
        });
    }

    private static String there(Topology topology) {
        return topology.pools().isEmpty()
                ? "; there is none yet"
                : "; there are: "
                        + String.join(
                                ", ",
                                topology.pools().keySet().stream().limit(20).toList());
    }
}
