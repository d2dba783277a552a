package io.sluice.manager.store;

import io.sluice.manager.store.Candidacy.HeldTerm;
import io.sluice.manager.store.StoreException.Reason;
import io.sluice.routing.cluster.Heartbeat;
import io.sluice.routing.cluster.ProxyRegistration;
import io.sluice.routing.cluster.ZnodePaths;
import io.sluice.routing.config.ConfigException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.Stat;

/** The proxies' nodes. One that cannot be understood is told all the same: who counts acknowledgements must not pass it over. */
final class ZooKeeperRoster implements ProxyRoster {

    /** Obeys no lease: no silence fences it. */
    private static final ProxyRegistration NOT_UNDERSTOOD = new ProxyRegistration("", "", "", Instant.EPOCH, Map.of());

    private final Ensemble ensemble;
    private final Candidacy candidacy;

    ZooKeeperRoster(Ensemble ensemble, Candidacy candidacy) {
        this.ensemble = ensemble;
        this.candidacy = candidacy;
    }

    @Override
    public List<ProxyState> proxies() throws StoreException {
        return ensemble.read(zooKeeper -> {
            List<ProxyState> states = new ArrayList<>();
            for (String id : zooKeeper.getChildren(paths().proxies(), false).stream()
                    .sorted()
                    .toList()) {
                state(zooKeeper, id).ifPresent(states::add);
            }
            return states;
        });
    }

    /** Empty if it has gone meanwhile. */
    private Optional<ProxyState> state(ZooKeeper zooKeeper, String id) throws KeeperException, InterruptedException {
        Stat beat = new Stat();
        Optional<byte[]> registration = data(zooKeeper, paths().proxy(id), new Stat());
        Optional<byte[]> heartbeat = data(zooKeeper, paths().heartbeat(id), beat);
        boolean live = zooKeeper.exists(paths().live(id), false) != null;
        if (registration.isEmpty()) {
            return Optional.empty();
        }
        List<String> problems = new ArrayList<>();
        ProxyRegistration known = understood(
                        () -> ProxyRegistration.parse(paths().proxy(id), registration.get()), problems)
                .orElse(NOT_UNDERSTOOD);
        return Optional.of(new ProxyState(
                id,
                known,
                heartbeat.flatMap(bytes -> understood(() -> Heartbeat.parse(paths().heartbeat(id), bytes), problems)),
                beat.getVersion(),
                beat.getMzxid(),
                Instant.ofEpochMilli(beat.getMtime()),
                live,
                String.join("; ", problems)));
    }

    private static <T> Optional<T> understood(Supplier<T> reading, List<String> problems) {
        try {
            return Optional.of(reading.get());
        } catch (ConfigException e) {
            problems.add(String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    private static Optional<byte[]> data(ZooKeeper zooKeeper, String path, Stat stat)
            throws KeeperException, InterruptedException {
        try {
            return Optional.ofNullable(zooKeeper.getData(path, false, stat));
        } catch (KeeperException.NoNodeException e) {
            return Optional.empty();
        }
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
