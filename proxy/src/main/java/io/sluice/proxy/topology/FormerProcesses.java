package io.sluice.proxy.topology;

import io.sluice.routing.cluster.Heartbeat;
import io.sluice.routing.cluster.ProxyRegistration;
import io.sluice.routing.cluster.ZnodePaths;
import io.sluice.routing.config.ConfigException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.api.transaction.CuratorOp;
import org.apache.zookeeper.KeeperException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Processes that had this proxy's name before, and of which nobody can say that they have ended: the cluster goes on
 * waiting for each under a name of its own, where one that lives goes on telling so. Used by one thread; blocks.
 *
 * <pre>
 *   /proxies/p1                    the process that has the name
 *   /proxies/p1.former-2f1c6a77    one that had it
 * </pre>
 */
final class FormerProcesses {

    private static final Logger log = LoggerFactory.getLogger(FormerProcesses.class);

    /** Of one name; where there are more, two are counted as one, which serves no more than the older one did. */
    static final int MAX_FORMER = 8;

    private static final String INFIX = ".former-";
    private static final int CHARACTERS_OF_INCARNATION = 8;

    private final CuratorFramework curator;
    private final ZnodePaths paths;
    private final String proxyId;

    FormerProcesses(CuratorFramework curator, ZnodePaths paths, String proxyId) {
        this.curator = curator;
        this.paths = paths;
        this.proxyId = proxyId;
    }

    /** What a process of this proxy is called once another one has its name. */
    static String nameOf(String proxyId, String incarnation) {
        return proxyId + INFIX + incarnation.substring(0, Math.min(incarnation.length(), CHARACTERS_OF_INCARNATION));
    }

    /** What sets the process that has the name aside, as it is known there. */
    List<CuratorOp> setAside(ProxyRegistration there) throws Exception {
        String name = nameOf(proxyId, there.incarnation());
        Heartbeat last = heartbeat(proxyId).orElseGet(() -> silent(there));
        List<CuratorOp> operations = new ArrayList<>();
        List<String> others =
                names().stream().filter(other -> !other.equals(name)).toList();
        if (others.size() >= MAX_FORMER) {
            String oldest = oldest(others);
            long applied = Math.min(
                    last.applied(), heartbeat(oldest).map(Heartbeat::applied).orElse(0L));
            last = new Heartbeat(last.incarnation(), last.sequence(), applied, last.refused(), last.reason());
            operations.addAll(deletion(oldest));
        }
        operations.add(put(paths.proxy(name), there.bytes()));
        operations.add(put(paths.heartbeat(name), last.bytes()));
        log.warn(
                "The process that has this name may still run, and the cluster goes on waiting for it as well: path={};"
                        + " once it has ended for good: sluice ctl proxies remove {}",
                paths.proxy(name),
                name);
        return operations;
    }

    /** A registration that cannot be read, as that of a process of which nothing is known. */
    static ProxyRegistration unreadable() {
        return new ProxyRegistration("unreadable", "", "", Instant.EPOCH, Map.of());
    }

    private static Heartbeat silent(ProxyRegistration of) {
        return new Heartbeat(of.incarnation(), 0, 0, 0, "");
    }

    private CuratorOp put(String path, byte[] bytes) throws Exception {
        return curator.checkExists().forPath(path) == null
                ? curator.transactionOp().create().forPath(path, bytes)
                : curator.transactionOp().setData().forPath(path, bytes);
    }

    /** Forgets those who lived in this home while they held it: {@code self}, who holds it now, knows that they have ended. */
    void forget(Home home, ProxyRegistration self) throws Exception {
        if (!home.isHeld()) {
            return;
        }
        String own = nameOf(proxyId, self.incarnation());
        for (String name : names().stream().filter(each -> !each.equals(own)).toList()) {
            Optional<ProxyRegistration> found = registration(name);
            if (found.isPresent() && found.get().holds(home.id())) {
                remove(name);
                log.info("A former process has ended: path={}", paths.proxy(name));
            }
        }
    }

    /** Takes away what there is of this name. */
    void remove(String name) throws Exception {
        try {
            curator.transaction().forOperations(deletion(name));
        } catch (KeeperException.NoNodeException | KeeperException.NotEmptyException e) {
            log.debug("Has changed meanwhile: path={}", paths.proxy(name), e);
        }
    }

    private List<CuratorOp> deletion(String name) throws Exception {
        List<CuratorOp> operations = new ArrayList<>();
        for (String path : List.of(paths.live(name), paths.heartbeat(name), paths.proxy(name))) {
            if (curator.checkExists().forPath(path) != null) {
                operations.add(curator.transactionOp().delete().forPath(path));
            }
        }
        return operations;
    }

    private List<String> names() throws Exception {
        try {
            return curator.getChildren().forPath(paths.proxies()).stream()
                    .filter(name -> name.startsWith(proxyId + INFIX))
                    .toList();
        } catch (KeeperException.NoNodeException e) {
            return List.of();
        }
    }

    /** Whose heartbeat is the oldest, and which is hence the least likely to live. */
    private String oldest(List<String> names) throws Exception {
        record Aged(String name, long zxid) {}
        List<Aged> all = new ArrayList<>();
        for (String name : names) {
            var stat = curator.checkExists().forPath(paths.heartbeat(name));
            all.add(new Aged(name, stat == null ? 0 : stat.getMzxid()));
        }
        return all.stream()
                .min(Comparator.comparingLong(Aged::zxid))
                .orElseThrow()
                .name();
    }

    private Optional<ProxyRegistration> registration(String name) throws Exception {
        try {
            byte[] bytes = curator.getData().forPath(paths.proxy(name));
            return Optional.of(ProxyRegistration.parse(paths.proxy(name), bytes));
        } catch (KeeperException.NoNodeException | ConfigException e) {
            return Optional.empty();
        }
    }

    private Optional<Heartbeat> heartbeat(String name) throws Exception {
        try {
            byte[] bytes = curator.getData().forPath(paths.heartbeat(name));
            return Optional.of(Heartbeat.parse(paths.heartbeat(name), bytes));
        } catch (KeeperException.NoNodeException | ConfigException e) {
            return Optional.empty();
        }
    }
}
