package io.sluice.launcher.ctl;

import io.sluice.proxy.config.ProxyConfig.Pool;
import io.sluice.routing.config.YamlReader;
import io.sluice.routing.config.YamlSection;
import io.sluice.routing.topology.PoolProtocol;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What of a pool in twemproxy's file concerns a proxy alone, as it is written into the file of a proxy that has the rest
 * from ZooKeeper. Values are copied as they stand; passwords are not shown.
 */
final class ProxyKeys {

    /** What the topology says. */
    private static final Set<String> OF_TOPOLOGY = Set.of("hash", "hash_tag", "distribution", "servers", "redis");

    private static final Set<String> SECRET = Set.of("redis_auth");

    private final YamlSection file;
    private final Path name;

    private ProxyKeys(YamlSection file, Path name) {
        this.file = file;
        this.name = name;
    }

    /** Of a file that has been read without mistakes. */
    static ProxyKeys of(Path file) {
        return new ProxyKeys(YamlReader.read(file), file);
    }

    List<String> lines(Pool pool) {
        List<String> lines = new ArrayList<>();
        lines.add(pool.name() + ":");
        lines.add("  topology: zookeeper");
        if (pool.protocol() != PoolProtocol.REDIS) {
            lines.add("  protocol: " + pool.protocol().word());
        }
        file.view(pool.name())
                .ifPresent(section -> section.keys().stream()
                        .filter(key -> !OF_TOPOLOGY.contains(key))
                        .forEach(key -> lines.add("  " + line(section, key))));
        return lines;
    }

    private String line(YamlSection section, String key) {
        if (SECRET.contains(key)) {
            return key + ": \"...\"   # as in " + name.getFileName();
        }
        return key + ": "
                + section.scalar(key, "a value").map(value -> value.text()).orElse("");
    }
}
