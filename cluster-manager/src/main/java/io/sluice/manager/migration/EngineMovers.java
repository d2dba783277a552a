package io.sluice.manager.migration;

import io.sluice.manager.migration.engine.ConnectionLedger;
import io.sluice.manager.migration.engine.CopyPlan;
import io.sluice.manager.migration.engine.KeyFilter;
import io.sluice.manager.migration.engine.RedisEndpoint;
import io.sluice.manager.redis.PoolLogins;
import io.sluice.manager.redis.RedisLogin;
import io.sluice.manager.store.ConnectionBook;
import io.sluice.manager.store.StoreException;
import io.sluice.manager.store.TopologyStore;
import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.Shard;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.topology.ServerAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Movers with an engine of their own choice, whose connections lie in the cluster's book. */
public final class EngineMovers implements Movers {

    private static final Logger log = LoggerFactory.getLogger(EngineMovers.class);

    /** Random keys that are compared before each switch. */
    private static final int SAMPLES = 100;

    private final ConnectionBook book;
    private final TopologyStore topologies;
    private final PoolLogins logins;
    private final MigrationConfig config;
    private final Path spoolFolder;
    private final LeftPages leftPages;

    /** @param spoolFolder where what waits for targets lies; each handoff has a file of its own there */
    public EngineMovers(
            ConnectionBook book,
            TopologyStore topologies,
            PoolLogins logins,
            MigrationConfig config,
            Path spoolFolder) {
        this.book = book;
        this.topologies = topologies;
        this.logins = logins;
        this.config = config;
        this.spoolFolder = spoolFolder;
        this.leftPages = new LeftPages(book, topologies, System::nanoTime);
    }

    @Override
    public Mover moverOf(SlotPool pool, Handoff handoff) {
        Optional<Shard> from = pool.shard(handoff.from());
        Optional<Shard> to = pool.shard(handoff.to());
        if (from.isEmpty() || to.isEmpty()) {
            return refused(pool, handoff, "a shard of the handoff is gone");
        }
        return refusal(pool.name(), List.of(from.get().primary(), to.get().primary()))
                .map(why -> refused(pool, handoff, why))
                .orElseGet(() -> mover(pool, handoff, from.get(), to.get()));
    }

    private Optional<String> refusal(String pool, List<ServerAddress> servers) {
        if (logins.of(pool).tls() != null) {
            return Optional.of("pool " + pool + " has server_tls: data movers do not speak TLS yet");
        }
        return servers.stream()
                .filter(ServerAddress::isUnixSocket)
                .findFirst()
                .map(socket -> socket + " is a unix socket: data movers need host and port");
    }

    /** One that moves nothing, but can take off a target what is left of an earlier one. */
    private Mover refused(SlotPool pool, Handoff handoff, String why) {
        ConnectionLedger ledger = ledger(pool, handoff);
        TargetCopies copies = pool.shard(handoff.to())
                .filter(to -> refusal(pool.name(), List.of(to.primary())).isEmpty())
                .map(to -> new TargetCopies(
                        handoff.id(),
                        endpoint(to.primary(), logins.of(pool.name())),
                        pool.shard(handoff.from())
                                .map(from -> endpoints(pool, from))
                                .orElse(List.of()),
                        moving(pool, handoff),
                        ledger))
                .orElse(null);
        return new RefusedMover(why, ledger, copies, config.limits());
    }

    private Mover mover(SlotPool pool, Handoff handoff, Shard from, Shard to) {
        List<RedisEndpoint> sources = endpoints(pool, from);
        CopyPlan plan = new CopyPlan(
                handoff.id(),
                sources.get(0),
                sources.subList(1, sources.size()),
                endpoint(to.primary(), logins.of(pool.name())),
                moving(pool, handoff),
                nobody -> false,
                config.limits(),
                spoolFolder);
        // Never "all keys": docs/migration-engines.md says why nobody but people chooses a replica.
        EngineMover.Manner manner = new EngineMover.Manner(null, false, share(from, handoff), SAMPLES);
        return new EngineMover(plan, manner, ledger(pool, handoff));
    }

    private ConnectionLedger ledger(SlotPool pool, Handoff handoff) {
        ConnectionBook.Cargo cargo =
                new ConnectionBook.Cargo(pool.name(), handoff.slots().toString(), handoff.from(), handoff.to());
        List<ServerAddress> servers = Stream.of(handoff.from(), handoff.to())
                .flatMap(shard -> pool.shard(shard).stream())
                .map(Shard::primary)
                .toList();
        return new BookLedger(book, handoff.id(), cargo, servers, topologies);
    }

    private static KeyFilter moving(SlotPool pool, Handoff handoff) {
        return KeyFilter.slots(pool.hash(), handoff.slots());
    }

    /** The primary first; without those that are unix sockets. */
    private List<RedisEndpoint> endpoints(SlotPool pool, Shard shard) {
        return Stream.concat(Stream.of(shard.primary()), shard.replicas().stream())
                .filter(server -> !server.isUnixSocket())
                .map(server -> endpoint(server, logins.of(pool.name())))
                .toList();
    }

    private static RedisEndpoint endpoint(ServerAddress address, RedisLogin login) {
        String user = login.user();
        String password = login.password();
        return new RedisEndpoint(address, user == null ? "" : user, password == null ? "" : password);
    }

    private static double share(Shard from, Handoff handoff) {
        int owned = from.slots().size();
        return owned == 0 ? 1 : Math.min(1, (double) handoff.slots().size() / owned);
    }

    @Override
    public void forget(String handoff) {
        try {
            book.close(handoff);
        } catch (StoreException e) {
            log.warn("The book keeps a handoff that is over: handoff={}: {}", handoff, e.getMessage());
        }
    }

    @Override
    public void tidy(Topology now) throws StoreException {
        leftPages.look(now);
    }
}
