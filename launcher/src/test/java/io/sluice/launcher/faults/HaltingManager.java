package io.sluice.launcher.faults;

import io.sluice.manager.change.ChangeRefusedException;
import io.sluice.manager.change.ClusterDesk;
import io.sluice.manager.change.TopologyChange;
import io.sluice.manager.config.ManagerConfig;
import io.sluice.manager.migration.AbortHandoff;
import io.sluice.manager.migration.BeginHandoff;
import io.sluice.manager.migration.EngineMovers;
import io.sluice.manager.migration.Migrations;
import io.sluice.manager.migration.Mover;
import io.sluice.manager.migration.Movers;
import io.sluice.manager.migration.RollBackHandoff;
import io.sluice.manager.migration.Watchdog;
import io.sluice.manager.store.Cluster;
import io.sluice.manager.store.ConnectionBook;
import io.sluice.manager.store.Orders;
import io.sluice.manager.store.StoreException;
import io.sluice.manager.store.StoredTopology;
import io.sluice.manager.store.TopologyStore;
import io.sluice.manager.store.ZooKeeperCluster;
import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.HandoffState;
import io.sluice.routing.cluster.SlotSet;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.hash.SlotHash;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A manager in a process of its own, with the real engines and the real ZooKeeper, that can be halted at any step of a
 * handoff. Told on stdin, tells on stdout:
 *
 * <pre>
 *   halt POINT                at POINT, once it is there
 *   go                        goes on
 *   move ID FROM TO SLOTS     moves ID | refused WHY
 *   abort ID                  wrote ID | refused WHY
 *   rollback ID BACK          wrote BACK | refused WHY
 *                             error WHY, when a copy has stopped
 * </pre>
 */
final class HaltingManager {

    private final Halt halt = new Halt(point -> say("at " + point));
    private final ZooKeeperCluster zooKeeper;
    private final Cluster cluster;
    private volatile boolean cleans; // the source of a move
    private volatile boolean purges; // the target of one that was aborted

    private HaltingManager(ManagerConfig config) {
        zooKeeper = ZooKeeperCluster.open(
                Objects.requireNonNull(config.zooKeeper()), config.cluster(), config.id(), "http://127.0.0.1:1");
        Cluster plain = zooKeeper.cluster();
        TopologyStore topologies = Halt.around(TopologyStore.class, plain.topologies(), new StoreTurns());
        cluster = new Cluster(
                plain.name(),
                topologies,
                plain.proxies(),
                plain.orders(),
                plain.lookout(), // halts nowhere: only writes do
                plain.connections(),
                plain.history(),
                plain.leadership());
        Movers movers = new EngineMovers(
                Halt.around(ConnectionBook.class, zooKeeper.connections(), new BookTurns()),
                topologies,
                config.failover().logins(),
                config.migration(),
                Objects.requireNonNull(config.migration().spoolDir()));
        Migrations migrations = new Migrations(
                Halt.around(Movers.class, movers, new MoversTurns()),
                config.migration().rules());
        Watchdog.start(plain.topologies());
        zooKeeper.stand(
                leading -> {
                    migrations.begin(cluster);
                    say("leads " + cluster.leadership().term());
                },
                () -> {
                    migrations.end();
                    say("ended");
                });
    }

    /** The one argument is the configuration file. */
    public static void main(String[] arguments) throws Exception {
        HaltingManager manager = new HaltingManager(ManagerConfig.read(Path.of(arguments[0])));
        say("started");
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String command = commands.readLine(); command != null; command = commands.readLine()) {
            manager.obey(command.split(" ", -1));
        }
        manager.zooKeeper.close();
        System.exit(0);
    }

    private void obey(String[] words) {
        switch (words[0]) {
            case "halt" -> halt.choose(FaultPoint.valueOf(words[1]));
            case "go" -> halt.goOn();
            case "move" -> change(move(words), "moves " + words[1]);
            case "abort" -> change(new AbortHandoff(FaultCluster.POOL, words[1]), "wrote " + words[1]);
            case "rollback" ->
                change(new RollBackHandoff(FaultCluster.POOL, words[1], words[2], Orders.NONE), "wrote " + words[2]);
            default -> say("error unknown " + words[0]);
        }
    }

    private static TopologyChange move(String[] words) {
        SlotSet slots = SlotSet.parse(words[4], SlotHash.REDIS_CLUSTER.slots()).orElseThrow();
        return new BeginHandoff(FaultCluster.POOL, words[1], slots, words[2], words[3]);
    }

    /** On a thread of its own, which may be halted on its way. */
    private void change(TopologyChange change, String done) {
        Runnable task = () -> {
            try {
                new ClusterDesk(cluster, InstantSource.system()).apply(change, "test", OptionalLong.empty());
                say(done);
            } catch (StoreException | ChangeRefusedException e) {
                say("refused " + e.getMessage());
            }
        };
        new Thread(task, "change").start();
    }

    // ---- where it can be halted

    /** Around the writes of topologies. */
    private final class StoreTurns implements Halt.Turns {

        @Override
        public void before(Method method, Object[] arguments) {
            step(method, arguments)
                    .ifPresent(next -> halt.at(
                            switch (next) {
                                case BEGUN -> FaultPoint.WRITING_COPY;
                                case FROZEN -> FaultPoint.WRITING_FREEZE;
                                case SWITCHED -> FaultPoint.WRITING_SWITCH;
                                case ENDED -> FaultPoint.WRITING_END;
                            }));
        }

        @Override
        public @Nullable Object after(Method method, Object[] arguments, @Nullable Object result) {
            step(method, arguments).ifPresent(next -> {
                switch (next) {
                    case BEGUN -> halt.at(FaultPoint.COPY_WRITTEN);
                    case FROZEN -> halt.at(FaultPoint.FROZEN);
                    case SWITCHED -> halt.at(FaultPoint.SWITCHED);
                    case ENDED -> {}
                }
            });
            return result;
        }

        private enum Step {
            BEGUN,
            FROZEN,
            SWITCHED,
            ENDED
        }

        /** What a write does to the one handoff that there is; empty for everything else. */
        private Optional<Step> step(Method method, Object[] arguments) {
            if (!method.getName().equals("replace")) {
                return Optional.empty();
            }
            Map<String, HandoffState> before = states(((StoredTopology) arguments[0]).topology());
            Map<String, HandoffState> after = states((Topology) arguments[1]);
            if (before.isEmpty() && !after.isEmpty()) {
                return Optional.of(Step.BEGUN);
            } else if (before.containsValue(HandoffState.COPY) && after.containsValue(HandoffState.FREEZE)) {
                return Optional.of(Step.FROZEN);
            } else if (before.containsValue(HandoffState.FREEZE) && after.containsValue(HandoffState.SWITCHED)) {
                return Optional.of(Step.SWITCHED);
            }
            return before.containsValue(HandoffState.SWITCHED) && after.isEmpty()
                    ? Optional.of(Step.ENDED)
                    : Optional.empty();
        }

        private Map<String, HandoffState> states(Topology topology) {
            return topology.slotPool(FaultCluster.POOL).stream()
                    .flatMap(pool -> pool.handoffs().values().stream())
                    .collect(Collectors.toMap(Handoff::id, Handoff::state));
        }
    }

    /** Around what is written down of connections. */
    private final class BookTurns implements Halt.Turns {

        @Override
        public @Nullable Object after(Method method, Object[] arguments, @Nullable Object result) {
            if (method.getName().equals("announce")) {
                String purpose = ((ConnectionBook.Entry) arguments[1]).purpose();
                if (purpose.equals("copy")) {
                    halt.at(FaultPoint.CONNECTION_WRITTEN_DOWN);
                } else if (purpose.equals("purge") && cleans) {
                    halt.at(FaultPoint.CLEANING);
                } else if (purpose.equals("purge") && purges) {
                    halt.at(FaultPoint.PURGING);
                }
            }
            return result;
        }
    }

    /** Around each mover. */
    private final class MoversTurns implements Halt.Turns {

        @Override
        public @Nullable Object after(Method method, Object[] arguments, @Nullable Object result) {
            return result instanceof Mover mover ? Halt.around(Mover.class, mover, new MoverTurns(mover)) : result;
        }
    }

    private final class MoverTurns implements Halt.Turns {

        private final Mover mover;
        private Mover.@Nullable Failure told;

        MoverTurns(Mover mover) {
            this.mover = mover;
        }

        @Override
        public void before(Method method, Object[] arguments) {
            switch (method.getName()) {
                case "begin" -> halt.at(FaultPoint.BEGINNING);
                case "drain" -> halt.at(FaultPoint.BEFORE_DRAIN);
                case "cleanSource" -> cleans = true;
                case "purgeTarget" -> purges = true;
                default -> {}
            }
        }

        @Override
        public @Nullable Object after(Method method, Object[] arguments, @Nullable Object result) {
            switch (method.getName()) {
                case "isCaughtUp" -> {
                    halt.at(copying());
                    halt.at(Boolean.TRUE.equals(result) ? FaultPoint.CAUGHT_UP : null);
                }
                case "failure" -> tell(result);
                case "drain" -> halt.at(FaultPoint.DRAINED);
                case "closeGate" -> halt.at(FaultPoint.GATE_CLOSED);
                case "cleanSource" -> {
                    cleans = false;
                    halt.at(FaultPoint.CLEANED);
                }
                case "purgeTarget" -> purges = false;
                default -> {}
            }
            return result;
        }

        private void tell(@Nullable Object failure) {
            if (failure instanceof Optional<?> found
                    && found.orElse(null) instanceof Mover.Failure why
                    && !why.equals(told)) {
                told = why;
                say("error " + why.message());
            }
        }

        /** In the midst of it, or just at its end; nowhere as long as no key has gone over. */
        private @Nullable FaultPoint copying() {
            return mover.numbers().filter(numbers -> numbers.keys() > 0).isPresent() ? FaultPoint.COPYING : null;
        }
    }

    /** One line, at once: whoever reads it must know all that was done before a kill. */
    private static void say(String line) {
        synchronized (System.out) {
            System.out.println(line);
            System.out.flush();
        }
    }
}
