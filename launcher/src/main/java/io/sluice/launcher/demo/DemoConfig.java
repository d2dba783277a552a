package io.sluice.launcher.demo;

import java.util.List;
import java.util.stream.Collectors;

/** Writes the proxy's configuration in twemproxy's form, so that what the demo runs is a file one can read and copy. */
final class DemoConfig {

    private DemoConfig() {}

    static String yaml(int port, List<RedisProcess> servers) {
        String lines = servers.stream()
                .map(server -> "    - " + LoopbackPorts.HOST + ":" + server.port() + ":1 " + server.name())
                .collect(Collectors.joining("\n"));
        return """
                demo:
                  listen: %s:%d
                  redis: true
                  hash: murmur
                  hash_tag: "{}"
                  distribution: ketama
                  timeout: 2000
                  servers:
                %s
                """.formatted(LoopbackPorts.HOST, port, lines);
    }
}
