package io.sluice.manager.config;

import io.sluice.manager.failover.FailoverConfig;
import io.sluice.routing.config.ConfigException;
import io.sluice.routing.config.ConfigProblem;
import io.sluice.routing.config.YamlReader;
import io.sluice.routing.config.YamlSection;
import io.sluice.routing.config.ZooKeeperAccess;
import io.sluice.routing.topology.ServerAddress;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a manager runs.
 *
 * @param cluster the one it manages; another name is another cluster in the same ZooKeeper
 * @param id its name among the managers of the cluster; empty to make one of the machine's name and the API's port
 * @param listen where its API is
 * @param url how others reach the API; empty to make one of {@code listen}
 * @param token what must be shown to use the API; null for nothing
 * @param dataDir where the embedded ZooKeeper keeps its data; null for a folder that the launcher chooses
 * @param embedded used if {@code zooKeeper} is null
 * @param zooKeeper null for an embedded one
 * @param failover how the primaries of shards are followed
 * @param warnings what is odd about the file
 */
public record ManagerConfig(
        String cluster,
        String id,
        ServerAddress listen,
        String url,
        @Nullable ApiToken token,
        @Nullable Path dataDir,
        EmbeddedAccess embedded,
        @Nullable ZooKeeperAccess zooKeeper,
        FailoverConfig failover,
        List<ConfigProblem> warnings) {

    public static final String CLUSTER = "main";
    public static final ServerAddress LISTEN = ServerAddress.tcp("127.0.0.1", 9700);

    /** What holds where nothing is said: one machine, one manager, a ZooKeeper of its own. */
    public static final ManagerConfig DEFAULT = new ManagerConfig(
            CLUSTER, "", LISTEN, "", null, null, EmbeddedAccess.DEFAULT, null, FailoverConfig.DEFAULT, List.of());

    public ManagerConfig {
        warnings = List.copyOf(warnings);
    }

    /** Throws a {@link ConfigException} with everything that is wrong with the file. */
    public static ManagerConfig read(Path file) {
        YamlSection root = YamlReader.read(file);
        ManagerConfig config = new ManagerConfigReader(root).read();
        root.rejectUnknownKeys();
        root.throwIfMistaken();
        return config.withWarnings(root.warnings());
    }

    private ManagerConfig withWarnings(List<ConfigProblem> found) {
        return new ManagerConfig(cluster, id, listen, url, token, dataDir, embedded, zooKeeper, failover, found);
    }

    /** The same, with a folder for data. */
    public ManagerConfig withDataDir(Path folder) {
        return new ManagerConfig(cluster, id, listen, url, token, folder, embedded, zooKeeper, failover, warnings);
    }
}
