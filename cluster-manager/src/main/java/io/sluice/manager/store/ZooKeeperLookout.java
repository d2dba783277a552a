package io.sluice.manager.store;

import io.sluice.manager.store.Questions.Node;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.Watcher.Event.EventType;
import org.apache.zookeeper.ZooKeeper;

/** Two round trips and one transaction, however many proxies there are. */
final class ZooKeeperLookout implements Lookout {

    private final Ensemble ensemble;

    ZooKeeperLookout(Ensemble ensemble) {
        this.ensemble = ensemble;
    }

    @Override
    public Outlook look(String handoff, Runnable onHeartbeat) throws StoreException {
        return ensemble.call(zooKeeper -> look(zooKeeper, handoff, onHeartbeat));
    }

    private Outlook look(ZooKeeper zooKeeper, String handoff, Runnable onHeartbeat)
            throws KeeperException, InterruptedException, StoreException {
        String topologyPath = ensemble.paths().topology();
        String handoffPath = ensemble.paths().handoff(handoff);
        Questions questions = new Questions(zooKeeper);
        CompletableFuture<Boolean> agreed = questions.agreed(ensemble.paths().root(), Ensemble.ANY_VERSION);
        CompletableFuture<Optional<Node>> topology = questions.node(topologyPath, null);
        CompletableFuture<Optional<Node>> orders = questions.node(handoffPath, null);
        RosterQuestions roster = new RosterQuestions(questions, ensemble.paths(), new HeartbeatWatcher(onHeartbeat));
        Questions.answer(agreed);
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
