package io.sluice.manager.api;

import io.sluice.manager.balance.Rebalancing;
import io.sluice.manager.change.ChangeDesk;
import io.sluice.manager.failover.ShardStatus;
import io.sluice.manager.migration.HandoffStatus;
import io.sluice.manager.migration.ring.RingStatus;
import io.sluice.manager.store.Cluster;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

/** Everything that can be asked for. */
final class Routes {

    private static final String READ = "GET";
    private static final String WRITE = "POST";
    private static final String REMOVE = "DELETE";

    private final List<Route> all;

    Routes(
            Cluster cluster,
            ChangeDesk desk,
            Supplier<List<HandoffStatus>> migrations,
            Supplier<List<RingStatus>> rings,
            String managerName,
            InstantSource clock,
            Supplier<List<ShardStatus>> primaries,
            Rebalancing rebalancing) {
        RebalancePages balance = new RebalancePages(cluster, rebalancing, clock);
        TopologyPages topology = new TopologyPages(cluster, managerName);
        ProxyPages proxies = new ProxyPages(cluster, clock);
        FailoverPages failover = new FailoverPages(cluster.leadership(), primaries);
        ChangePages changes = new ChangePages(cluster, desk);
        MigrationPages moving = new MigrationPages(cluster, migrations, rings);
        this.all = List.of(
                reading("/v1/cluster", topology::cluster),
                reading("/v1/pools", topology::pools),
                reading("/v1/pools/NAME", topology::pool),
                reading("/v1/pools/NAME/shards", topology::shards),
                reading("/v1/pools/NAME/slots", topology::slots),
                reading("/v1/pools/NAME/rebalance", balance::proposal, "by", "weights", "drain"),
                reading("/v1/topology", topology::document),
                reading("/v1/explain", topology::explain, "pool", "key"),
                reading("/v1/proxies", proxies::proxies),
                new Route(REMOVE, "/v1/proxies/ID", Set.of("by"), true, proxies::remove),
                reading("/v1/migrations", moving::migrations),
                reading("/v1/failover", failover::failover),
                reading("/v1/history", changes::history, "limit"),
                new Route(WRITE, "/v1/plan", Set.of(), false, changes::plan),
                new Route(WRITE, "/v1/apply", Set.of(), true, changes::apply));
    }

    private static Route reading(String template, Route.Handler handler, String... parameters) {
        return new Route(READ, template, Set.of(parameters), false, handler);
    }

    List<Route> all() {
        return all;
    }

    /** A route, and what stands at its places. */
    record Match(Route route, Map<String, String> places) {}

    Match find(String method, String rawPath) throws ApiException {
        Set<String> others = new TreeSet<>();
        for (Route route : all) {
            var places = route.match(rawPath);
            if (places.isPresent() && route.method().equals(method)) {
                return new Match(route, decoded(places.get()));
            }
            places.ifPresent(found -> others.add(route.method()));
        }
        throw others.isEmpty()
                ? ApiException.of(404, "not_found", "there is no such path", "docs/api.md lists all of them")
                : ApiException.of(
                        405, "method_not_allowed", "expected " + String.join(" or ", others), "see docs/api.md");
    }

    private static Map<String, String> decoded(Map<String, String> places) throws ApiException {
        Map<String, String> decoded = new LinkedHashMap<>();
        for (Map.Entry<String, String> place : places.entrySet()) {
            decoded.put(place.getKey(), new String(QueryText.decoded(place.getValue()), StandardCharsets.UTF_8));
        }
        return decoded;
    }
}
