package io.sluice.manager.failover;

import io.sluice.manager.change.ChangeDesk;
import io.sluice.manager.change.ChangePlan;
import io.sluice.manager.change.ChangeRefusedException;
import io.sluice.manager.redis.ServerRole;
import io.sluice.manager.store.StoreException;
import io.sluice.routing.cluster.Shard;
import io.sluice.routing.cluster.SlotPool;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.topology.PoolProtocol;
import io.sluice.routing.topology.ServerAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is known while this manager leads: sentinels, roles, and what has been told to people. For one thread. */
final class Watching implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Watching.class);

    private record ShardName(String pool, String shard) {
        @Override
        public String toString() {
            return pool + "/" + shard;
        }
    }

    private final ChangeDesk desk;
    private final @Nullable SentinelConfig sentinels;
    private final @Nullable SentinelPanel panel;
    private final RoleAsker asker;
    private final @Nullable RolePoll poll;
    private final Map<ShardName, SentinelJudge> judges = new HashMap<>();
    private final Notes<ShardName> notes = new Notes<>();
    private final Map<ShardName, Verdict> roleVerdicts = new HashMap<>();
    private long judgedRound;

    Watching(FailoverConfig config, ChangeDesk desk, Runnable onNews) {
        this.desk = desk;
        this.sentinels = config.sentinels();
        this.panel = sentinels == null ? null : SentinelPanel.watching(sentinels, onNews);
        this.asker = new RoleAsker(config.logins(), config.polling().timeout());
        this.poll = config.polling().enabled()
                ? new RolePoll(asker, config.polling().interval(), onNews)
                : null;
        if (poll != null) {
            poll.start();
        }
    }

    /** Judges all shards, and has written what is to be changed. */
    List<ShardStatus> round(Topology topology) throws StoreException {
        List<SlotPool> pools = topology.pools().values().stream()
                .filter(pool -> pool.protocol() == PoolProtocol.REDIS)
                .filter(SlotPool.class::isInstance)
                .map(SlotPool.class::cast)
                .toList();
        RolePoll.Round roles = roles(pools);
        boolean newRoles = roles.number() > judgedRound;
        judgedRound = roles.number();
        List<ShardStatus> statuses = new ArrayList<>();
        for (SlotPool pool : pools) {
            for (Shard shard : pool.shards().values()) {
                statuses.add(judged(new ShardName(pool.name(), shard.name()), shard, roles, newRoles));
            }
        }
        forgetOthers(statuses);
        return List.copyOf(statuses);
    }

    private RolePoll.Round roles(List<SlotPool> pools) {
        RolePoll polling = poll;
        if (polling == null) {
            return new RolePoll.Round(0, Map.of());
        }
        Set<PoolServer> servers = new HashSet<>();
        for (SlotPool pool : pools) {
            pool.shards()
                    .values()
                    .forEach(shard -> KnownServers.all(shard)
                            .forEach(server -> servers.add(new PoolServer(pool.name(), server))));
        }
        polling.servers(servers);
        return polling.newest();
    }

    private void forgetOthers(List<ShardStatus> statuses) {
        Set<ShardName> names = new HashSet<>();
        statuses.forEach(status -> names.add(new ShardName(status.pool(), status.shard())));
        judges.keySet().retainAll(names);
        roleVerdicts.keySet().retainAll(names);
        notes.keepOnly(names);
    }

    private ShardStatus judged(ShardName name, Shard shard, RolePoll.Round roles, boolean newRoles)
            throws StoreException {
        SentinelPanel watched = panel;
        SentinelConfig config = sentinels;
        String followed;
        Verdict verdict;
        if (watched != null && config != null && !watched.isStranger(master(config, name))) {
            followed = "sentinel";
            verdict = bySentinels(name, shard, watched.views(master(config, name)), config);
        } else if (roles.number() > 0) {
            followed = "role";
            if (newRoles || !roleVerdicts.containsKey(name)) {
                roleVerdicts.put(name, byRoles(name, shard, roles));
            }
            verdict = roleVerdicts.getOrDefault(name, Verdict.FINE);
        } else {
            followed = "nobody";
            verdict = Verdict.FINE;
        }
        return done(name, shard, followed, verdict);
    }

    private static String master(SentinelConfig config, ShardName name) {
        return config.names().of(name.pool(), name.shard());
    }

    private Verdict bySentinels(ShardName name, Shard shard, List<SentinelView> views, SentinelConfig config) {
        KnownServers known = KnownServers.of(shard);
        return judges.computeIfAbsent(name, key -> new SentinelJudge(config.quorum(), System::nanoTime))
                .judge(shard.primary(), views, known::meant, askNow(name));
    }

    /** By the last round; and nothing is changed unless the servers still say so. */
    private Verdict byRoles(ShardName name, Shard shard, RolePoll.Round roles) {
        KnownServers known = KnownServers.of(shard);
        Verdict verdict = RoleJudge.judge(shard, known, server -> {
            ServerRole role = roles.roles().get(new PoolServer(name.pool(), server));
            return role == null ? askNow(name).apply(server) : role;
        });
        return verdict instanceof Verdict.Follow ? RoleJudge.judge(shard, known, askNow(name)) : verdict;
    }

    private Function<ServerAddress, ServerRole> askNow(ShardName name) {
        return server -> asker.ask(new PoolServer(name.pool(), server));
    }

    private ShardStatus done(ShardName name, Shard shard, String followed, Verdict verdict) throws StoreException {
        if (verdict instanceof Verdict.Stay stay) {
            notes.set(name, stay.note());
            return new ShardStatus(name.pool(), name.shard(), shard.primary(), followed, stay.note());
        }
        Verdict.Follow follow = (Verdict.Follow) verdict;
        roleVerdicts.remove(name);
        String refused = follow(new PrimaryFollowed(name.pool(), name.shard(), shard.primary(), follow.to()), follow);
        notes.set(name, refused);
        ServerAddress primary = refused.isEmpty() ? follow.to() : shard.primary();
        return new ShardStatus(name.pool(), name.shard(), primary, followed, refused);
    }

    /** Empty, or why it was not done. */
    private String follow(PrimaryFollowed change, Verdict.Follow verdict) throws StoreException {
        try {
            ChangePlan done = desk.apply(change, PrimaryFollower.NAME, OptionalLong.empty());
            log.warn(
                    "Primary followed: pool={} shard={} from={} to={} epoch={}: {}",
                    change.pool(),
                    change.shard(),
                    change.from(),
                    change.to(),
                    done.after().epoch(),
                    verdict.why());
            return "";
        } catch (ChangeRefusedException e) {
            return "its primary should be " + change.to() + " (" + verdict.why() + "), but " + e.getMessage();
        }
    }

    @Override
    public void close() {
        if (panel != null) {
            panel.close();
        }
        if (poll != null) {
            poll.close();
        }
        asker.close();
    }
}
