package io.sluice.manager.store;

import com.google.gson.JsonObject;
import io.sluice.manager.store.Candidacy.HeldTerm;
import io.sluice.manager.store.StoreException.Reason;
import io.sluice.routing.cluster.ZnodePaths;
import io.sluice.routing.config.ConfigException;
import io.sluice.routing.config.ScalarType;
import io.sluice.routing.config.YamlReader;
import io.sluice.routing.config.YamlSection;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.ZooKeeper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One node for each connection, below the handoff's; each made by a transaction that checks the term. */
final class ZooKeeperConnectionBook implements ConnectionBook {

    private static final Logger log = LoggerFactory.getLogger(ZooKeeperConnectionBook.class);

    /** Of one handoff; a mover has less than twenty, and those of earlier attempts are forgotten when they are dead. */
    static final int MAX_CONNECTIONS = 500;

    private static final ScalarType<Long> CLIENT =
            ScalarType.of("a client's id", "a whole number, not negative", ZooKeeperConnectionBook::clientId);

    private final Ensemble ensemble;
    private final Candidacy candidacy;

    ZooKeeperConnectionBook(Ensemble ensemble, Candidacy candidacy) {
        this.ensemble = ensemble;
        this.candidacy = candidacy;
    }

    @Override
    public void open(String handoff, Cargo cargo) throws StoreException {
        write(held -> zooKeeper -> {
            makeParents(zooKeeper, handoff, bytes(cargo), held);
            return handoff;
        });
    }

    @Override
    public Optional<Cargo> cargo(String handoff) throws StoreException {
        String path = paths().connections(handoff);
        return ensemble.read(zooKeeper -> {
            try {
                byte[] bytes = zooKeeper.getData(path, false, null);
                return bytes == null || bytes.length == 0 ? Optional.empty() : Optional.of(readCargo(path, bytes));
            } catch (KeeperException.NoNodeException e) {
                return Optional.empty();
            }
        });
    }

    @Override
    public void announce(String handoff, Entry entry) throws StoreException {
        write(held -> zooKeeper -> {
            makeParents(zooKeeper, handoff, new byte[0], held);
            if (zooKeeper.getChildren(paths().connections(handoff), false).size() >= MAX_CONNECTIONS) {
                throw new StoreException(
                        Reason.REFUSED, "handoff " + handoff + " has " + MAX_CONNECTIONS + " connections already");
            }
            try {
                zooKeeper.multi(List.of(
                        held.check(),
                        Op.create(path(handoff, entry), bytes(entry), ensemble.acl(), CreateMode.PERSISTENT)));
            } catch (KeeperException e) {
                ignore(e, KeeperException.Code.NODEEXISTS);
            }
            return entry;
        });
    }

    @Override
    public List<Entry> of(String handoff) throws StoreException {
        return ensemble.read(zooKeeper -> {
            List<Entry> entries = new ArrayList<>();
            for (String name : children(zooKeeper, paths().connections(handoff))) {
                String path = paths().connections(handoff) + "/" + name;
                try {
                    entries.add(entry(path, zooKeeper.getData(path, false, null)));
                } catch (KeeperException.NoNodeException e) {
                    log.debug("Forgotten meanwhile: path={}", path);
                }
            }
            return entries;
        });
    }

    @Override
    public List<String> handoffs() throws StoreException {
        return ensemble.read(zooKeeper -> children(zooKeeper, paths().handoffs()));
    }

    @Override
    public void forget(String handoff, List<Entry> dead) throws StoreException {
        for (Entry entry : dead) {
            write(held -> zooKeeper -> {
                delete(zooKeeper, path(handoff, entry), held);
                return entry;
            });
        }
    }

    @Override
    public void close(String handoff) throws StoreException {
        write(held -> zooKeeper -> {
            for (String name : children(zooKeeper, paths().connections(handoff))) {
                delete(zooKeeper, paths().connections(handoff) + "/" + name, held);
            }
            delete(zooKeeper, paths().connections(handoff), held);
            delete(zooKeeper, paths().handoff(handoff), held);
            return handoff;
        });
    }

    @Override
    public void closeEmpty(String handoff) throws StoreException {
        write(held -> zooKeeper -> {
            List<Op> all = new ArrayList<>(List.of(held.check()));
            for (String path : List.of(paths().connections(handoff), paths().handoff(handoff))) {
                if (zooKeeper.exists(path, false) != null) {
                    all.add(Op.delete(path, -1));
                }
            }
            try {
                zooKeeper.multi(all);
            } catch (KeeperException.NotEmptyException e) {
                log.debug("Is used again: handoff={}", handoff);
            } catch (KeeperException e) {
                ignore(e, KeeperException.Code.NONODE);
            }
            return handoff;
        });
    }

    // ---- under the term

    /** What is written under a term. */
    private interface TermCall<T> {
        Ensemble.Call<T> under(HeldTerm held);
    }

    private <T> void write(TermCall<T> call) throws StoreException {
        HeldTerm held =
                candidacy.held().orElseThrow(() -> new StoreException(Reason.NOT_LEADER, "This manager does not lead"));
        try {
            ensemble.call(call.under(held));
        } catch (StoreException e) {
            if (e.reason() == Reason.NOT_LEADER) {
                candidacy.depose(held);
            }
            throw e;
        }
    }

    /** Both may be repeated: what they find done was done by an earlier attempt. */
    private static void ignore(KeeperException e, KeeperException.Code done) throws KeeperException, StoreException {
        if (HeldTerm.isRefusedBy(e)) {
            throw new StoreException(Reason.NOT_LEADER, "Another manager leads now", e);
        }
        if (e.code() != done) {
            throw e;
        }
    }

    private static void delete(ZooKeeper zooKeeper, String path, HeldTerm held)
            throws KeeperException, InterruptedException, StoreException {
        try {
            zooKeeper.multi(List.of(held.check(), Op.delete(path, -1)));
        } catch (KeeperException e) {
            ignore(e, KeeperException.Code.NONODE);
        }
    }

    // ---- nodes

    /** By who leads only: a deposed manager must not leave a page behind of a handoff that is over. */
    private void makeParents(ZooKeeper zooKeeper, String handoff, byte[] cargo, HeldTerm held)
            throws KeeperException, InterruptedException, StoreException {
        make(zooKeeper, paths().handoff(handoff), new byte[0], held);
        make(zooKeeper, paths().connections(handoff), cargo, held);
    }

    private void make(ZooKeeper zooKeeper, String path, byte[] data, HeldTerm held)
            throws KeeperException, InterruptedException, StoreException {
        if (zooKeeper.exists(path, false) == null) {
            try {
                zooKeeper.multi(List.of(held.check(), Op.create(path, data, ensemble.acl(), CreateMode.PERSISTENT)));
            } catch (KeeperException e) {
                ignore(e, KeeperException.Code.NODEEXISTS); // another announcement was quicker
            }
        }
    }

    private static List<String> children(ZooKeeper zooKeeper, String path)
            throws KeeperException, InterruptedException {
        try {
            return zooKeeper.getChildren(path, false);
        } catch (KeeperException.NoNodeException e) {
            return List.of();
        }
    }

    private ZnodePaths paths() {
        return ensemble.paths();
    }

    /** The same for the same connection: a repeated announcement finds itself. */
    private String path(String handoff, Entry entry) {
        return paths().connections(handoff) + "/" + entry.runId() + "-" + entry.clientId();
    }

    private static byte[] bytes(Cargo cargo) {
        JsonObject json = new JsonObject();
        json.addProperty("pool", cargo.pool());
        json.addProperty("slots", cargo.slots());
        json.addProperty("from", cargo.from());
        json.addProperty("to", cargo.to());
        return json.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static Cargo readCargo(String path, byte[] bytes) throws StoreException {
        try {
            YamlSection document = YamlReader.parse(path, bytes);
            List<String> words = new ArrayList<>();
            for (String key : List.of("pool", "slots", "from", "to")) {
                document.required(key, "a text");
                words.add(document.value(key, "", ScalarType.TEXT));
            }
            document.throwIfMistaken();
            return new Cargo(words.get(0), words.get(1), words.get(2), words.get(3));
        } catch (ConfigException e) {
            throw new StoreException(Reason.BAD_DOCUMENT, String.valueOf(e.getMessage()), e);
        }
    }

    private static byte[] bytes(Entry entry) {
        JsonObject json = new JsonObject();
        json.addProperty("server", entry.server());
        json.addProperty("run_id", entry.runId());
        json.addProperty("client_id", entry.clientId());
        json.addProperty("for", entry.purpose());
        return json.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static Entry entry(String path, byte[] bytes) throws StoreException {
        try {
            YamlSection document = YamlReader.parse(path, bytes);
            for (String key : List.of("server", "run_id", "client_id")) {
                document.required(key, "a text");
            }
            Entry entry = new Entry(
                    document.value("server", "", ScalarType.TEXT),
                    document.value("run_id", "", ScalarType.TEXT),
                    document.value("client_id", 0L, CLIENT),
                    document.value("for", "", ScalarType.TEXT));
            document.throwIfMistaken();
            return entry;
        } catch (ConfigException e) {
            throw new StoreException(Reason.BAD_DOCUMENT, String.valueOf(e.getMessage()), e);
        }
    }

    private static Optional<Long> clientId(String text) {
        try {
            return Optional.of(Long.parseLong(text)).filter(id -> id >= 0);
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }
}
