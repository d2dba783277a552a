package io.sluice.bench.proxies;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The proxies to compare with, where they are installed: one thread each, as they come. */
public final class CProxies {

    private CProxies() {}

    /** twemproxy with ketama and fnv1a_64; empty where there is no {@code nutcracker}. */
    public static Optional<Target> nutcracker(Dialect dialect, List<Target> servers, Folder folder, Teardown teardown) {
        return Programs.find("nutcracker").map(program -> {
            int port = FreePorts.next();
            Path config =
                    folder.write("nutcracker.yml", """
                    bench:
                      listen: 127.0.0.1:%d
                      hash: fnv1a_64
                      distribution: ketama
                      redis: %s
                      servers:
                    %s
                    """.formatted(port, dialect == Dialect.REDIS, serverLines(servers)));
            List<String> command = List.of(
                    program.toString(),
                    "-c",
                    config.toString(),
                    "-a",
                    "127.0.0.1",
                    "-s",
                    String.valueOf(FreePorts.next()),
                    "-p",
                    folder.resolve("nutcracker.pid").toString());
            OwnProcess process = OwnProcess.start(Target.NUTCRACKER, folder, teardown, Map.of(), command);
            process.awaitReply(port, dialect.probe());
            return new Target(Target.NUTCRACKER, port, process, false);
        });
    }

    static String serverLines(List<Target> servers) {
        return servers.stream()
                .map(server -> "    - 127.0.0.1:" + server.port() + ":1 " + server.name())
                .collect(Collectors.joining("\n"));
    }

    /** predixy with one worker, crc16 and modula; empty where there is no {@code predixy}. */
    public static Optional<Target> predixy(List<Target> servers, Folder folder, Teardown teardown) {
        return Programs.find("predixy").map(program -> {
            int port = FreePorts.next();
            Path config = folder.write("predixy.conf", """
                    Name bench
                    Bind 127.0.0.1:%d
                    WorkerThreads 1
                    Authority {
                        Auth {
                            Mode admin
                        }
                    }
                    StandaloneServerPool {
                        RefreshMethod fixed
                        Distribution modula
                        Hash crc16
                    %s
                    }
                    """.formatted(port, predixyGroups(servers)));
            List<String> command = List.of(program.toString(), config.toString());
            OwnProcess process = OwnProcess.start("predixy", folder, teardown, Map.of(), command);
            process.awaitReply(port, Dialect.REDIS.probe());
            return new Target("predixy", port, process, false);
        });
    }

    private static String predixyGroups(List<Target> servers) {
        return servers.stream()
                .map(server -> "    Group " + server.name() + " {\n        + 127.0.0.1:" + server.port() + "\n    }")
                .collect(Collectors.joining("\n"));
    }
}
