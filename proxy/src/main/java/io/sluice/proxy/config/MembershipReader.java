package io.sluice.proxy.config;

import io.sluice.proxy.config.ProxyConfig.Pool;
import io.sluice.routing.cluster.ZnodePaths;
import io.sluice.routing.config.ScalarType;
import io.sluice.routing.config.YamlSection;
import io.sluice.routing.config.ZooKeeperAccess;
import io.sluice.routing.config.ZooKeeperSection;
import io.sluice.routing.topology.ServerAddress;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Reads the section {@code zookeeper} of a proxy's file. */
final class MembershipReader {

    private static final String NAME_FORM =
            "at most " + ZnodePaths.MAX_NAME_CHARACTERS + " letters, digits, dots, hyphens and underscores";
    private static final ScalarType<String> CLUSTER =
            ScalarType.of("the name of a cluster", NAME_FORM, MembershipReader::name);
    private static final ScalarType<String> PROXY_ID =
            ScalarType.of("the name of a proxy", NAME_FORM, MembershipReader::name);
    private static final ScalarType<Path> FILE = ScalarType.of("a file", "the path of a file", MembershipReader::path);
    private static final ScalarType<Duration> HEARTBEAT =
            ScalarType.duration(Duration.ofMillis(100), Duration.ofSeconds(30));
    private static final ScalarType<Duration> LEASE = ScalarType.duration(Duration.ofSeconds(10), Duration.ofDays(1));

    private static final int HEARTBEATS_OF_A_LEASE = 3;

    private MembershipReader() {}

    /**
     * Reads it; harmless in those parts where mistakes were found.
     *
     * @param pools of the same file; the first names the proxy if nothing else does
     * @param folder where the last good topology is kept unless a file is named
     */
    static Membership read(YamlSection section, List<Pool> pools, Path folder) {
        ZooKeeperAccess access = ZooKeeperSection.read(section);
        section.required("cluster", "the name of the cluster");
        String cluster = section.value("cluster", "unnamed", CLUSTER);
        String proxyId = section.optional("proxy_id", PROXY_ID).orElseGet(() -> proxyId(pools));
        Membership read = new Membership(
                access,
                cluster,
                proxyId,
                section.value("last_good", folder.resolve(cluster + "." + proxyId + ".topology.json"), FILE),
                section.value("heartbeat", Membership.HEARTBEAT, HEARTBEAT),
                section.value("steady_lease", Duration.ZERO, ScalarType.orNone(LEASE)),
                section.section("jodis", "the key 'product' and perhaps others")
                        .map(found -> JodisReader.read(found, pools))
                        .orElse(null));
        if (!read.steadyLease().isZero()
                && read.steadyLease().compareTo(read.heartbeat().multipliedBy(HEARTBEATS_OF_A_LEASE)) < 0) {
            section.mistake(
                    "steady_lease",
                    "shorter than " + HEARTBEATS_OF_A_LEASE + " heartbeats of "
                            + read.heartbeat().toMillis() + "ms; expected more, or one late heartbeat stops clients");
        }
        section.rejectUnknownKeys();
        return read;
    }

    /** Host and port tell the proxies of a cluster apart, and are the same after a restart. */
    private static String proxyId(List<Pool> pools) {
        String place = pools.isEmpty() ? "proxy" : place(pools.get(0).listen().address());
        String id = (hostName() + "-" + place).replaceAll("[^A-Za-z0-9._-]", "-");
        return id.substring(Math.max(0, id.length() - ZnodePaths.MAX_NAME_CHARACTERS));
    }

    private static String place(ServerAddress address) {
        return address.isUnixSocket()
                ? String.valueOf(Path.of(address.hostOrPath()).getFileName())
                : Integer.toString(address.port());
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost"; // a machine without a name
        }
    }

    private static Optional<String> name(String text) {
        return ZnodePaths.isName(text) ? Optional.of(text) : Optional.empty();
    }

    private static Optional<Path> path(String text) {
        try {
            return text.isBlank() ? Optional.empty() : Optional.of(Path.of(text).toAbsolutePath());
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }
}
