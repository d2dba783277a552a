package io.sluice.proxy;

import io.sluice.proxy.admin.LeavingServerView;
import io.sluice.proxy.admin.PoolView;
import io.sluice.proxy.admin.ServerView;
import io.sluice.proxy.backend.PoolServer;
import io.sluice.proxy.metrics.MetricBoard.PoolTotals;
import io.sluice.proxy.metrics.MetricBoard.ServerTotals;
import io.sluice.proxy.transport.ConnectionHandler;
import io.sluice.proxy.transport.OutBuffer;
import io.sluice.routing.topology.Server;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A pool from the configuration that brings it to the one that takes it away: its versions, one after the other, its
 * share on each event loop. Changed by one thread at a time; may be viewed by any.
 */
final class LivePool {

    private record Leaving(PoolServer server, ServerTotals totals) {}

    private final PoolTotals totals;
    private final List<PoolShare> shares; // by event loop
    private final List<Leaving> leaving = new ArrayList<>(); // draining, or drained not long ago
    private volatile ServedPool version;
    private volatile boolean ending;

    LivePool(ServedPool version, PoolTotals totals, List<PoolShare> shares) {
        this.version = version;
        this.totals = totals;
        this.shares = List.copyOf(shares);
    }

    String name() {
        return version.config().name();
    }

    ServedPool version() {
        return version;
    }

    PoolTotals totals() {
        return totals;
    }

    PoolShare share(int loop) {
        return shares.get(loop);
    }

    List<PoolShare> shares() {
        return shares;
    }

    /** A client that has just connected. On the event loop that accepted it. */
    ConnectionHandler accept(int loop, OutBuffer out) {
        return shares.get(loop).accept(out);
    }

    /** The version that the event loops are about to use, or do already. */
    void become(ServedPool next) {
        next.servers().forEach(server -> totals.open(server.name()));
        version = next;
    }

    /** No configuration names it any more. */
    void end() {
        ending = true;
    }

    /** Shows a server that leaves until it is to be forgotten. */
    synchronized void addLeaving(PoolServer server) {
        leaving.add(new Leaving(server, totals.open(server.name())));
    }

    /** Forgets a server that is gone, and what was counted of it unless another has its name. */
    @SuppressWarnings("ReferenceEquality") // two may have the same name
    synchronized void forget(PoolServer server) {
        leaving.removeIf(left -> left.server() == server);
        boolean nameIsUsed = Stream.concat(leaving.stream().map(Leaving::server), version.servers().stream())
                .anyMatch(other -> other.name().equals(server.name()));
        if (!nameIsUsed) {
            totals.close(server.name());
        }
    }

    private synchronized List<Leaving> leaving() {
        return List.copyOf(leaving);
    }

    PoolView view() {
        ServedPool now = version;
        List<ServerView> servers = new ArrayList<>();
        List<Server> defined = now.config().definition().servers();
        for (int i = 0; i < defined.size(); i++) {
            servers.add(
                    new ServerView(defined.get(i), totals.open(defined.get(i).name()), now.health(), i));
        }
        List<LeavingServerView> gone = leaving().stream().map(LivePool::view).toList();
        return new PoolView(now.config(), now.epoch(), totals, now.health(), servers, gone, ending);
    }

    private static LeavingServerView view(Leaving left) {
        PoolServer server = left.server();
        return new LeavingServerView(
                server.name(),
                server.address(),
                left.totals(),
                server.phase() == PoolServer.Phase.DRAINED,
                server.leftAt().orElse(Instant.EPOCH));
    }
}
