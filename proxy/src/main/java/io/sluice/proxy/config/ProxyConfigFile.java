package io.sluice.proxy.config;

import io.sluice.proxy.config.ProxyConfig.Limits;
import io.sluice.proxy.config.ProxyConfig.Pool;
import io.sluice.proxy.config.ProxyConfig.TransportPreference;
import io.sluice.routing.cluster.ZnodePaths;
import io.sluice.routing.config.ConfigProblem;
import io.sluice.routing.config.Dialect;
import io.sluice.routing.config.ScalarType;
import io.sluice.routing.config.YamlReader;
import io.sluice.routing.config.YamlSection;
import io.sluice.routing.config.YamlSection.Form;
import io.sluice.routing.topology.ServerAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads a proxy's file, of either kind, told apart by their shape.
 *
 * <pre>
 *   twemproxy                      Sluice
 *
 *   alpha:                         workers: auto
 *     listen: 127.0.0.1:22121      pools:
 *     servers:                       alpha:
 *       - 127.0.0.1:6379:1             listen: 127.0.0.1:22121
 *                                      servers:
 *                                        - 127.0.0.1:6379:1
 * </pre>
 */
final class ProxyConfigFile {
    static final int MAX_WORKERS = 256;
    static final int MAX_POOLS = 1_024;

    static final int AUTO_WORKERS = 0;
    static final Duration SHUTDOWN_TIMEOUT = Duration.ofSeconds(10);

    /** What stands at the top of Sluice's own file. */
    private static final Set<String> OWN_KEYS = Set.of(
            "workers",
            "transport",
            "shutdown_timeout",
            "reload_on_change",
            "drain_timeout",
            "control",
            "admin",
            "admin_token",
            "admin_token_file",
            "stats",
            "limits",
            "zookeeper",
            "pools");

    private static final ScalarType<Integer> WORKERS = ScalarType.of(
            "a number of workers", "auto, or an integer from 1 to " + MAX_WORKERS, ProxyConfigFile::workers);
    private static final ScalarType<TransportPreference> TRANSPORT =
            ScalarType.oneOf("a transport", List.of(TransportPreference.values()));

    private final YamlSection file;
    private final Path folder; // for what the proxy itself keeps
    private final List<Pool> pools = new ArrayList<>();
    private final Map<ServerAddress, String> poolOfAddress = new HashMap<>();
    private final Map<String, YamlSection> sectionOfPool = new HashMap<>();

    private ProxyConfigFile(YamlSection file, Path path) {
        this.file = file;
        this.folder = folder(path);
    }

    /** The folder that systemd gives the service for its state, or that of the configuration. */
    private static Path folder(Path path) {
        String given = System.getenv().getOrDefault("STATE_DIRECTORY", "");
        Path parent = path.toAbsolutePath().getParent();
        return given.isEmpty() && parent != null
                ? parent
                : Path.of(given.split(":", -1)[0]).toAbsolutePath();
    }

    static ProxyConfig read(Path path) {
        return new ProxyConfigFile(YamlReader.read(path), path).read();
    }

    static ProxyConfig parse(String name, byte[] bytes) {
        return new ProxyConfigFile(YamlReader.parse(name, bytes), Path.of(name)).read();
    }

    private ProxyConfig read() {
        ProxyConfig config = isTwemproxyFile() ? twemproxyFile() : ownFile();
        pools.forEach(this::checkSpare);
        file.throwIfMistaken();
        return new ProxyConfig(
                config.workers(),
                config.transport(),
                config.shutdownTimeout(),
                config.limits(),
                config.pools(),
                config.monitoring(),
                config.lifecycle(),
                config.zookeeper(),
                file.warnings().stream().map(ConfigProblem::toString).toList());
    }

    private boolean isTwemproxyFile() {
        if (file.has("pools")) {
            return looksLikePool(file, "pools");
        }
        return file.keys().stream().anyMatch(key -> looksLikePool(file, key))
                || (file.keys().stream().noneMatch(OWN_KEYS::contains)
                        && file.keys().stream().noneMatch(this::holdsPools));
    }

    /** Whether one of a pool's two required keys stands under {@code key}, with something other than a mapping. */
    private static boolean looksLikePool(YamlSection section, String key) {
        return section.view(key)
                .filter(pool -> isValue(pool.formOf("listen")) || isValue(pool.formOf("servers")))
                .isPresent();
    }

    private static boolean isValue(Form form) {
        return form == Form.SCALAR || form == Form.LIST;
    }

    private boolean holdsPools(String key) {
        return file.view(key)
                .filter(section -> section.keys().stream().anyMatch(pool -> looksLikePool(section, pool)))
                .isPresent();
    }

    private ProxyConfig twemproxyFile() {
        for (String name : file.keys()) {
            if (OWN_KEYS.contains(name) && file.formOf(name) == Form.SCALAR) {
                file.mistakenKey(
                        name, "a setting of Sluice's own kind of file; expected a pool, or all pools under 'pools:'");
            } else {
                file.section(name, "the keys of a pool").ifPresent(pool -> addPool(name, pool, Dialect.TWEMPROXY));
            }
        }
        rejectTooMany(file.keys().size());
        return new ProxyConfig(
                AUTO_WORKERS,
                TransportPreference.AUTO,
                SHUTDOWN_TIMEOUT,
                Limits.DEFAULTS,
                pools,
                Monitoring.defaults(Dialect.TWEMPROXY),
                Lifecycle.DEFAULTS,
                null,
                List.of());
    }

    private ProxyConfig ownFile() {
        int workers = file.value("workers", AUTO_WORKERS, WORKERS);
        TransportPreference transport = file.value("transport", TransportPreference.AUTO, TRANSPORT);
        Duration shutdownTimeout = file.value(
                "shutdown_timeout", SHUTDOWN_TIMEOUT, ScalarType.duration(Duration.ZERO, Duration.ofHours(1)));
        Monitoring monitoring = Monitoring.read(file);
        Lifecycle lifecycle = Lifecycle.read(file);
        Limits limits = file.section("limits", "names of limits with their values")
                .map(Limits::read)
                .orElse(Limits.DEFAULTS);
        Optional<YamlSection> section = file.section("pools", "names of pools with their keys");
        section.ifPresent(this::addPools);
        if (!file.has("pools")) {
            file.mistakenKey("pools", "missing; expected names of pools with their keys");
        }
        @Nullable Membership zookeeper = file.section("zookeeper", "the keys 'connect', 'cluster' and others")
                .map(found -> MembershipReader.read(found, pools, folder))
                .orElse(null);
        pools.forEach(this::checkSource);
        file.rejectUnknownKeys();
        return new ProxyConfig(
                workers, transport, shutdownTimeout, limits, pools, monitoring, lifecycle, zookeeper, List.of());
    }

    private void addPools(YamlSection section) {
        if (section.keys().isEmpty()) {
            section.mistake("found no pool; expected at least one");
        }
        for (String name : section.keys()) {
            section.section(name, "the keys of a pool").ifPresent(pool -> addPool(name, pool, Dialect.SLUICE));
        }
        rejectTooMany(section.keys().size());
    }

    private void addPool(String name, YamlSection section, Dialect dialect) {
        Pool pool = PoolReader.read(name, section, dialect);
        claim(pool.listen().address(), "listen", name, section);
        if (pool.edge().tlsListen() != null) {
            claim(pool.edge().tlsListen(), "tls_listen", name, section);
        }
        pools.add(pool);
        sectionOfPool.put(name, section);
    }

    private void checkSource(Pool pool) {
        YamlSection section = sectionOfPool.get(pool.name());
        if (section != null && pool.topology() == PoolSource.ZOOKEEPER) {
            if (!file.has("zookeeper")) {
                section.mistake("topology", "nobody knows which ZooKeeper; expected the section 'zookeeper' as well");
            }
            if (!ZnodePaths.isName(pool.name())) {
                section.mistake(
                        "topology",
                        "no pool in ZooKeeper can have this name; expected letters, digits, dots,"
                                + " hyphens and underscores");
            }
        }
    }

    private void checkSpare(Pool pool) {
        String name = pool.ejection().sparePool();
        YamlSection section = sectionOfPool.get(pool.name());
        if (name == null || section == null) {
            return;
        }
        Optional<Pool> spare =
                pools.stream().filter(other -> other.name().equals(name)).findFirst();
        String problem = spare.map(other -> unfitAsSpare(pool, other)).orElse("there is no such pool");
        if (!problem.isEmpty()) {
            section.mistake(
                    "spare_pool", problem + "; expected another pool of the same protocol, without a spare one");
        }
    }

    private static String unfitAsSpare(Pool pool, Pool spare) {
        if (spare.name().equals(pool.name())) {
            return "a pool cannot stand in for itself";
        } else if (spare.protocol() != pool.protocol()) {
            return "pool '" + spare.name() + "' speaks " + spare.protocol().word();
        }
        return spare.ejection().policy() == Ejection.Policy.SPARE
                ? "pool '" + spare.name() + "' has a spare pool itself"
                : "";
    }

    private void claim(ServerAddress address, String key, String name, YamlSection section) {
        String other = section.has(key) ? poolOfAddress.putIfAbsent(address, name) : null;
        if (other != null && !address.equals(PoolReader.NOWHERE)) {
            section.mistake(key, "pool '" + other + "' listens on " + address + " already; expected another address");
        }
    }

    private void rejectTooMany(int count) {
        if (count > MAX_POOLS) {
            file.mistake(count + " pools; expected at most " + MAX_POOLS);
        }
    }

    private static Optional<Integer> workers(String text) {
        return text.equals("auto") ? Optional.of(AUTO_WORKERS) : ScalarType.wholeNumber(text, 1, MAX_WORKERS);
    }
}
