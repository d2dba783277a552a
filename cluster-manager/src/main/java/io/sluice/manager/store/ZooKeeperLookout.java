package io.sluice.manager.store;

import io.sluice.manager.store.Questions.Node;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.Watcher.Event.EventType;
import org.apache.zookeeper.ZooKeeper;

/** Two round trips, and one transaction if it must be agreed upon, however many proxies there are. */
final class ZooKeeperLookout implements Lookout {

    private final Ensemble ensemble;

    ZooKeeperLookout(Ensemble ensemble) {
        this.ensemble = ensemble;
    }

    @Override
    public Outlook look(String handoff, boolean agreed, Runnable onHeartbeat) throws StoreException {
        return ensemble.call(zooKeeper -> look(zooKeeper, handoff, agreed, onHeartbeat));
    }

    /** One handle keeps the order of what it is asked: none of its answers is older than the one before. */
    private Outlook look(ZooKeeper zooKeeper, String handoff, boolean agreed, Runnable onHeartbeat)
            throws KeeperException, InterruptedException, StoreException {
        String topologyPath = ensemble.paths().topology();
        String handoffPath = ensemble.paths().handoff(handoff);
        Questions questions = new Questions(zooKeeper);
        CompletableFuture<Boolean> agreement = agreed
                ? questions.agreed(ensemble.paths().root(), Ensemble.ANY_VERSION)
                : CompletableFuture.completedFuture(true);
        CompletableFuture<Optional<Node>> topology = questions.node(topologyPath, null);
        CompletableFuture<Optional<Node>> orders = questions.node(handoffPath, null);
        RosterQuestions roster = new RosterQuestions(questions, ensemble.paths(), new HeartbeatWatcher(onHeartbeat));
        Questions.answer(agreement);
        return new Outlook(
                ZooKeeperTopologyStore.stored(topologyPath, Questions.answer(topology)),
                ZooKeeperOrderBook.stored(handoffPath, Questions.answer(orders)).orders(),
                roster.proxies());
    }

    /** The same for the same listener: a handle keeps one of each, however often a silent proxy is looked at. */
    private record HeartbeatWatcher(Runnable onHeartbeat) implements Watcher {

        @Override
        public void process(WatchedEvent event) {
            if (event.getType() != EventType.None) {
                onHeartbeat.run();
            }
        }
    }
}
