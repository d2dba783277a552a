package io.sluice.manager.store;

import io.sluice.manager.store.Candidacy.HeldTerm;
import io.sluice.manager.store.StoreException.Reason;
import io.sluice.routing.config.ConfigException;
import io.sluice.routing.config.YamlReader;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.ZooKeeper;

/** The data of a handoff's node, above its connections; written by transactions that check the term. */
final class ZooKeeperOrderBook implements OrderBook {

    private final Ensemble ensemble;
    private final Candidacy candidacy;

    ZooKeeperOrderBook(Ensemble ensemble, Candidacy candidacy) {
        this.ensemble = ensemble;
        this.candidacy = candidacy;
    }

    @Override
    public StoredOrders of(String handoff) throws StoreException {
        return ensemble.read(zooKeeper -> found(zooKeeper, path(handoff)));
    }

    private static StoredOrders found(ZooKeeper zooKeeper, String path)
            throws KeeperException, InterruptedException, StoreException {
        return stored(path, Questions.answer(new Questions(zooKeeper).node(path, null)));
    }

    /** The orders in a node as it was read. */
    static StoredOrders stored(String path, Optional<Questions.Node> node) throws StoreException {
        if (node.isEmpty()) {
            return StoredOrders.NONE;
        }
        byte[] bytes = node.get().bytes(); // none if it was made for its connections
        Orders orders = bytes.length == 0 ? Orders.NONE : parsed(path, bytes);
        return new StoredOrders(orders, node.get().stat().getVersion());
    }

    private static Orders parsed(String path, byte[] bytes) throws StoreException {
        try {
            return Orders.read(YamlReader.parse(path, bytes));
        } catch (ConfigException e) {
            throw new StoreException(Reason.BAD_DOCUMENT, String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public void replace(String handoff, StoredOrders before, Orders after) throws StoreException {
        HeldTerm held =
                candidacy.held().orElseThrow(() -> new StoreException(Reason.NOT_LEADER, "This manager does not lead"));
        byte[] bytes = after.bytes();
        try {
            ensemble.call(zooKeeper -> {
                write(zooKeeper, held, path(handoff), before.version(), bytes);
                return handoff;
            });
        } catch (StoreException e) {
            if (e.reason() == Reason.NOT_LEADER) {
                candidacy.depose(held);
            }
            throw e;
        }
    }

    /** May be repeated: what finds its own work done by an earlier attempt is content. */
    private void write(ZooKeeper zooKeeper, HeldTerm held, String path, int version, byte[] bytes)
            throws KeeperException, InterruptedException, StoreException {
        Op writing = version < 0
                ? Op.create(path, bytes, ensemble.acl(), CreateMode.PERSISTENT)
                : Op.setData(path, bytes, version);
        try {
            zooKeeper.multi(List.of(held.check(), writing));
        } catch (KeeperException e) {
            if (HeldTerm.isRefusedBy(e)) {
                throw new StoreException(Reason.NOT_LEADER, "Another manager leads now", e);
            }
            switch (e.code()) {
                case BADVERSION, NODEEXISTS, NONODE -> rejectOthers(zooKeeper, path, bytes, e);
                default -> throw e;
            }
        }
    }

    private static void rejectOthers(ZooKeeper zooKeeper, String path, byte[] bytes, KeeperException cause)
            throws KeeperException, InterruptedException, StoreException {
        try {
            if (Arrays.equals(bytes, zooKeeper.getData(path, false, null))) {
                return;
            }
        } catch (KeeperException.NoNodeException e) {
            cause.addSuppressed(e);
        }
        throw new StoreException(Reason.CHANGED_MEANWHILE, "Somebody else has given orders meanwhile", cause);
    }

    private String path(String handoff) {
        return ensemble.paths().handoff(handoff);
    }
}
