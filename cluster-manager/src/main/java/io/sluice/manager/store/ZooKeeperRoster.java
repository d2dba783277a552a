package io.sluice.manager.store;

import io.sluice.manager.store.Candidacy.HeldTerm;
import io.sluice.manager.store.StoreException.Reason;
import io.sluice.routing.cluster.ZnodePaths;
import java.util.ArrayList;
import java.util.List;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.ZooKeeper;

/** The proxies' nodes. */
final class ZooKeeperRoster implements ProxyRoster {

    private final Ensemble ensemble;
    private final Candidacy candidacy;

    ZooKeeperRoster(Ensemble ensemble, Candidacy candidacy) {
        this.ensemble = ensemble;
        this.candidacy = candidacy;
    }

    @Override
    public List<ProxyState> proxies() throws StoreException {
        return ensemble.read(zooKeeper -> new RosterQuestions(new Questions(zooKeeper), paths(), null).proxies());
    }

    @Override
    public void remove(String id) throws StoreException {
        HeldTerm held =
                candidacy.held().orElseThrow(() -> new StoreException(Reason.NOT_LEADER, "This manager does not lead"));
        try {
            ensemble.call(zooKeeper -> {
                remove(zooKeeper, id, held);
                return id;
            });
        } catch (StoreException e) {
            if (e.reason() == Reason.NOT_LEADER) {
                candidacy.depose(held);
            }
            throw e;
        }
    }

    /** All of it or nothing; carried out twice, it finds nothing the second time. */
    private void remove(ZooKeeper zooKeeper, String id, HeldTerm held)
            throws KeeperException, InterruptedException, StoreException {
        try {
            List<Op> operations = new ArrayList<>(List.of(held.check()));
            for (String child : zooKeeper.getChildren(paths().proxy(id), false)) {
                operations.add(Op.delete(paths().proxy(id) + "/" + child, -1));
            }
            operations.add(Op.delete(paths().proxy(id), -1));
            zooKeeper.multi(operations);
        } catch (KeeperException e) {
            if (HeldTerm.isRefusedBy(e)) {
                throw new StoreException(Reason.NOT_LEADER, "Another manager leads now", e);
            }
            switch (e.code()) {
                case NONODE -> { // it has gone by itself, or an earlier attempt was carried out
                    return;
                }
                case NOTEMPTY ->
                    throw new StoreException(Reason.CHANGED_MEANWHILE, "Proxy " + id + " has just written: it runs", e);
                default -> throw e;
            }
        }
    }

    private ZnodePaths paths() {
        return ensemble.paths();
    }
}
