package io.sluice.proxy.config;

import io.sluice.proxy.config.ProxyConfig.Listener;
import io.sluice.proxy.config.ProxyConfig.Pool;
import io.sluice.routing.config.PoolDefinition;
import io.sluice.routing.distribution.DistributionKind;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What {@code sluice check} says of a good file: one line, and a table of its pools. */
public final class ConfigSummary {
    /** Servers of a pool that are named; the others are counted. */
    private static final int MAX_SERVERS_SHOWN = 4;

    private static final List<String> HEADINGS = List.of("pool", "listen", "protocol", "placement", "servers");

    private ConfigSummary() {}

    /** Lines without a line break at the end. */
    public static String of(Path file, ProxyConfig config) {
        int servers = config.pools().stream()
                .mapToInt(pool -> pool.definition().servers().size())
                .sum();
        String first = file + ": ok: " + counted(config.pools().size(), "pool") + ", " + counted(servers, "server");
        if (config.zookeeper() != null) {
            first += ", proxy '" + config.zookeeper().proxyId() + "' of cluster '"
                    + config.zookeeper().cluster() + "'";
        }
        List<List<String>> rows =
                config.pools().stream().map(ConfigSummary::row).toList();
        return first + "\n\n" + table(rows);
    }

    private static List<String> row(Pool pool) {
        return List.of(
                pool.name(),
                listen(pool),
                pool.protocol().word(),
                isElsewhere(pool) ? "in ZooKeeper" : placement(pool.definition()),
                isElsewhere(pool) ? "as ZooKeeper says" : servers(pool.definition()));
    }

    private static boolean isElsewhere(Pool pool) {
        return pool.topology() == PoolSource.ZOOKEEPER;
    }

    private static String listen(Pool pool) {
        Listener listen = pool.listen();
        String mode = listen.unixMode() < 0 ? "" : String.format(" %04o", listen.unixMode());
        String tls = pool.edge().tlsListen() == null ? "" : "tls " + pool.edge().tlsListen();
        if (pool.edge().isTlsOnly(listen)) {
            return tls;
        }
        return listen.address() + mode + (tls.isEmpty() ? "" : ", " + tls);
    }

    private static String placement(PoolDefinition definition) {
        if (definition.distribution() == DistributionKind.SLOTS) {
            return definition.slotOwners().size() + " slots";
        }
        String tag = definition.hashTag() == null ? "" : " " + definition.hashTag();
        return definition.hash().configName() + " " + definition.distribution().configName() + tag;
    }

    private static String servers(PoolDefinition definition) {
        String shown = definition.servers().stream()
                .limit(MAX_SERVERS_SHOWN)
                .map(server -> server.name())
                .collect(Collectors.joining(" "));
        int more = definition.servers().size() - MAX_SERVERS_SHOWN;
        return definition.servers().size() + ": " + shown + (more > 0 ? " and " + more + " more" : "");
    }

    private static String table(List<List<String>> rows) {
        int[] widths = IntStream.range(0, HEADINGS.size())
                .map(column -> Math.max(
                        HEADINGS.get(column).length(),
                        rows.stream()
                                .mapToInt(row -> row.get(column).length())
                                .max()
                                .orElse(0)))
                .toArray();
        return Stream.concat(Stream.of(HEADINGS), rows.stream())
                .map(row -> line(row, widths))
                .collect(Collectors.joining("\n"));
    }

    private static String line(List<String> row, int[] widths) {
        return IntStream.range(0, row.size())
                .mapToObj(column -> String.format("%-" + widths[column] + "s", row.get(column)))
                .collect(Collectors.joining("  ", "  ", ""))
                .stripTrailing();
    }

    private static String counted(int number, String noun) {
        return number + " " + noun + (number == 1 ? "" : "s");
    }
}
