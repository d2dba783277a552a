package io.sluice.proxy.config;

import io.sluice.routing.config.ConfigException;
import io.sluice.routing.config.PoolDefinition;
import io.sluice.routing.distribution.DistributionKind;
import io.sluice.routing.hash.HashAlgorithm;
import io.sluice.routing.topology.Server;
import io.sluice.routing.topology.ServerAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Stand-in: just enough to read the demo's own file. */
final class StandInReader {

    private static final Pattern LISTEN = Pattern.compile("listen: (.*):(\\d+)");
    private static final Pattern SERVER = Pattern.compile("- (.*):(\\d+):1 (.*)");

    private StandInReader() {}

    static ProxyConfig read(Path file) {
        try {
            String text = Files.readString(file);
            Matcher listen = LISTEN.matcher(text);
            if (!listen.find()) {
                throw new ConfigException(file + ":1:1: alpha.listen: stand-in");
            }
            List<Server> servers = SERVER.matcher(text)
                    .results()
                    .map(m -> new Server(m.group(3), ServerAddress.tcp(m.group(1), Integer.parseInt(m.group(2))), 1))
                    .toList();
            String name = text.substring(0, text.indexOf(':'));
            PoolDefinition definition =
                    new PoolDefinition(name, HashAlgorithm.FNV1A_64, null, DistributionKind.KETAMA, servers, List.of());
            ProxyConfig.Pool pool = new ProxyConfig.Pool(
                    definition,
                    new ProxyConfig.Listener(ServerAddress.tcp(listen.group(1), Integer.parseInt(listen.group(2))), -1),
                    ProxyConfig.PoolProtocol.REDIS,
                    512,
                    null,
                    null,
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(1),
                    null,
                    0,
                    false,
                    false,
                    1,
                    new ProxyConfig.Ejection(false, 2, Duration.ofSeconds(30)));
            return new ProxyConfig(
                    0,
                    ProxyConfig.TransportPreference.AUTO,
                    Duration.ofSeconds(5),
                    ProxyConfig.Limits.DEFAULTS,
                    List.of(pool),
                    List.of());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
