package io.sluice.manager.store;

import io.sluice.manager.store.Candidacy.HeldTerm;
import io.sluice.manager.store.StoreException.Reason;
import io.sluice.routing.cluster.Freezes;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.cluster.TopologyDocument;
import io.sluice.routing.config.ConfigException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.Stat;
import org.jspecify.annotations.Nullable;

/**
 * The topology's node.
 *
 * <pre>
 *   replace = multi( check(/manager/term, version of my term), setData(/topology, document, version that I read),
 *                    create(/history/ENTRY) )
 * </pre>
 *
 * So a write is carried out at most once, however often it is sent, and only while nobody else leads.
 */
final class ZooKeeperTopologyStore implements TopologyStore {

    private static final int NONE_YET = -1;
    private static final int ANY_VERSION = -1;

    private final Ensemble ensemble;
    private final Candidacy candidacy;
    private final ZooKeeperHistory history;

    ZooKeeperTopologyStore(Ensemble ensemble, Candidacy candidacy, ZooKeeperHistory history) {
        this.ensemble = ensemble;
        this.candidacy = candidacy;
        this.history = history;
    }

    /** What stands there. */
    private static final class Document {

        private final byte[] bytes;
        private final int version;
        private final Stat stat;

        Document(byte[] bytes, int version, Stat stat) {
            this.bytes = bytes;
            this.version = version;
            this.stat = stat;
        }
    }

    @Override
    public StoredTopology read() throws StoreException {
        return ensemble.read(zooKeeper -> found(zooKeeper, path()));
    }

    /** What this server of ZooKeeper has, which is enough behind a write of the same handle. */
    static StoredTopology found(ZooKeeper zooKeeper, String path)
            throws KeeperException, InterruptedException, StoreException {
        Document found = document(zooKeeper, path);
        return stored(
                path,
                found.version == NONE_YET
                        ? Optional.empty()
                        : Optional.of(new Questions.Node(found.bytes, found.stat)));
    }

    /** The topology of a node as it was read. */
    static StoredTopology stored(String path, Optional<Questions.Node> node) throws StoreException {
        if (node.isEmpty()) {
            return new StoredTopology(Topology.NONE, NONE_YET);
        }
        Stat stat = node.get().stat();
        return new StoredTopology(
                parsed(path, node.get().bytes(), Reason.BAD_DOCUMENT), stat.getVersion(), stat.getMzxid());
    }

    private static Document document(ZooKeeper zooKeeper, String path) throws KeeperException, InterruptedException {
        Stat stat = new Stat();
        try {
            byte[] bytes = zooKeeper.getData(path, false, stat);
            return new Document(bytes == null ? new byte[0] : bytes, stat.getVersion(), stat);
        } catch (KeeperException.NoNodeException e) {
            return new Document(new byte[0], NONE_YET, stat);
        }
    }

    @Override
    public StoredTopology replace(StoredTopology before, Topology after) throws StoreException {
        return replaceAnd(before, after, null);
    }

    @Override
    public StoredTopology replace(StoredTopology before, Topology after, HistoryEntry why) throws StoreException {
        StoredTopology written = replaceAnd(before, after, history.adding(why));
        history.trim();
        return written;
    }

    private StoredTopology replaceAnd(StoredTopology before, Topology after, @Nullable Op more) throws StoreException {
        HeldTerm held =
                candidacy.held().orElseThrow(() -> new StoreException(Reason.NOT_LEADER, "This manager does not lead"));
        try {
            return write(
                    before, after.at(before.topology().epoch() + 1, held.term().number()), held, more);
        } catch (StoreException e) {
            if (e.reason() == Reason.NOT_LEADER) {
                candidacy.depose(held);
            }
            throw e;
        }
    }

    @Override
    public StoredTopology endFreezes(StoredTopology before, Set<String> handoffs) throws StoreException {
        Topology now = before.topology();
        return write(before, Freezes.ended(now, handoffs).at(now.epoch() + 1, now.term()), null, null);
    }

    private StoredTopology write(StoredTopology before, Topology next, @Nullable HeldTerm held, @Nullable Op more)
            throws StoreException {
        Write write = new Write(before, checkedBytes(next), held, more);
        Stat stat = ensemble.call(write::on);
        return new StoredTopology(next, stat.getVersion(), stat.getMzxid());
    }

    private Op writing(int version, byte[] bytes) {
        return version == NONE_YET
                ? Op.create(path(), bytes, ensemble.acl(), CreateMode.PERSISTENT)
                : Op.setData(path(), bytes, version);
    }

    /** What nobody could read again is not written. */
    private byte[] checkedBytes(Topology next) throws StoreException {
        byte[] bytes = TopologyDocument.bytes(next);
        if (bytes.length > TopologyDocument.MAX_BYTES) {
            throw new StoreException(
                    Reason.REFUSED,
                    "The topology would have " + bytes.length + " bytes; expected at most "
                            + TopologyDocument.MAX_BYTES);
        }
        if (!parsed(path(), bytes, Reason.REFUSED).equals(next)) {
            throw new StoreException(Reason.REFUSED, "The topology would be read as another one than is meant");
        }
        return bytes;
    }

    private static Topology parsed(String path, byte[] bytes, Reason otherwise) throws StoreException {
        try {
            return TopologyDocument.parse(path, bytes);
        } catch (ConfigException e) {
            throw new StoreException(otherwise, String.valueOf(e.getMessage()), e);
        }
    }

    private String path() {
        return ensemble.paths().topology();
    }

    /** One write, however many attempts it takes; knows whether an earlier one may have been carried out. */
    private final class Write {

        private final StoredTopology before;
        private final byte[] bytes;
        private final @Nullable HeldTerm held;
        private final @Nullable Op more;
        private boolean inDoubt;

        /** Nobody needs a term who has none. */
        Write(StoredTopology before, byte[] bytes, @Nullable HeldTerm held, @Nullable Op more) {
            this.before = before;
            this.bytes = bytes;
            this.held = held;
            this.more = more;
        }

        /** What became of the node. */
        Stat on(ZooKeeper zooKeeper) throws KeeperException, InterruptedException, StoreException {
            if (!zooKeeper.getState().isAlive()) {
                throw new KeeperException.SessionExpiredException(); // nothing is sent, so there is no doubt
            }
            try {
                return made(zooKeeper, zooKeeper.multi(all()));
            } catch (KeeperException e) {
                if (Ensemble.isLost(e)) {
                    inDoubt = true;
                    throw e;
                }
                StoreException refused = refused(e);
                if (!inDoubt) {
                    throw refused;
                }
                return foundOut(refused);
            }
        }

        private List<Op> all() {
            Op write = writing(before.version(), bytes);
            return more == null ? List.of(first(), write) : List.of(first(), write, more);
        }

        private Op first() {
            return held == null ? Op.check(ensemble.paths().root(), ANY_VERSION) : held.check();
        }

        private Stat made(ZooKeeper zooKeeper, List<OpResult> results) throws KeeperException, InterruptedException {
            if (results.get(1) instanceof OpResult.SetDataResult written) {
                return written.getStat();
            }
            inDoubt = true; // it was made, whose result has no numbers; if these do not come, the document tells
            Stat stat = new Stat();
            stat.setMzxid(zooKeeper.exists(path(), false).getCzxid());
            return stat;
        }

        private StoreException refused(KeeperException e) throws KeeperException {
            if (held != null && HeldTerm.isRefusedBy(e)) {
                return new StoreException(Reason.NOT_LEADER, "Another manager leads now", e);
            }
            return switch (e.code()) {
                case BADVERSION, NONODE, NODEEXISTS ->
                    new StoreException(Reason.CHANGED_MEANWHILE, "Somebody else has changed the topology meanwhile", e);
                default -> throw e;
            };
        }

        /** An earlier attempt may be why this one was refused; a later one cannot be carried out any more. */
        private Stat foundOut(StoreException refused) throws StoreException {
            Document now = ensemble.read(zooKeeper -> document(zooKeeper, path()));
            int next = before.version() + 1;
            if (now.version == next && Arrays.equals(now.bytes, bytes)) {
                return now.stat;
            }
            if (now.version <= next || successorFoundNothing()) {
                throw refused;
            }
            throw new StoreException(
                    Reason.UNAVAILABLE,
                    "The connection was lost in the middle of the write, and others have written since; look whether"
                            + " it was carried out",
                    refused);
        }

        /** Who led next wrote down what it had found when we could not write any more. */
        private boolean successorFoundNothing() throws StoreException {
            Term now = ensemble.read(candidacy::stored);
            return held != null
                    && now.number() == held.term().number() + 1
                    && now.found() != Term.UNKNOWN
                    && now.found() <= before.topology().epoch();
        }
    }
}
