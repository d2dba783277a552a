package io.sluice.manager.store;

import io.sluice.manager.store.Questions.Node;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.Watcher.Event.EventType;
import org.apache.zookeeper.ZooKeeper;
import org.jspecify.annotations.Nullable;

/** Two round trips, and one transaction if it must be agreed upon, however many proxies there are. */
final class ZooKeeperLookout implements Lookout {

    private final Ensemble ensemble;

    ZooKeeperLookout(Ensemble ensemble) {
        this.ensemble = ensemble;
    }

    @Override
    public Outlook look(String handoff, boolean agreed, Runnable onHeartbeat) throws StoreException {
        return ensemble.call(zooKeeper ->
                look(zooKeeper, ensemble.paths().handoff(handoff), agreed, null, new NewsWatcher(onHeartbeat)));
    }

    @Override
    public Outlook look(boolean agreed, Runnable onTopology, @Nullable Runnable onHeartbeat) throws StoreException {
        Watcher heartbeats = onHeartbeat == null ? null : new NewsWatcher(onHeartbeat);
        return ensemble.call(zooKeeper -> look(zooKeeper, null, agreed, new NewsWatcher(onTopology), heartbeats));
    }

    /**
     * One handle keeps the order of what it is asked: none of its answers is older than the one before.
     *
     * @param ordersPath null for no orders
     */
    private Outlook look(
            ZooKeeper zooKeeper,
            @Nullable String ordersPath,
            boolean agreed,
            @Nullable Watcher ofTopology,
            @Nullable Watcher ofHeartbeats)
            throws KeeperException, InterruptedException, StoreException {
        String topologyPath = ensemble.paths().topology();
        Questions questions = new Questions(zooKeeper);
        CompletableFuture<Boolean> agreement = agreed
                ? questions.agreed(ensemble.paths().root(), Ensemble.ANY_VERSION)
                : CompletableFuture.completedFuture(true);
        CompletableFuture<Optional<Node>> topology = questions.node(topologyPath, ofTopology);
        CompletableFuture<Optional<Node>> orders = ordersPath == null
                ? CompletableFuture.completedFuture(Optional.empty())
                : questions.node(ordersPath, null);
        RosterQuestions roster = new RosterQuestions(questions, ensemble.paths(), ofHeartbeats);
        Questions.answer(agreement);
        return new Outlook(
                ZooKeeperTopologyStore.stored(topologyPath, Questions.answer(topology)),
                ZooKeeperOrderBook.stored(String.valueOf(ordersPath), Questions.answer(orders))
                        .orders(),
                roster.proxies());
    }

    /** The same for the same listener: a handle keeps one of each, however often a silent proxy is looked at. */
    private record NewsWatcher(Runnable onNews) implements Watcher {

        @Override
        public void process(WatchedEvent event) {
            if (event.getType() != EventType.None) {
                onNews.run();
            }
        }
    }
}
