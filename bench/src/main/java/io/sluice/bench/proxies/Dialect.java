package io.sluice.bench.proxies;

import java.util.List;
import java.util.Map;

/** The protocol of a run, and the servers that speak it. */
public enum Dialect {
    REDIS("redis", "*1\r\n$4\r\nPING\r\n") {
        @Override
        List<String> server(int port) {
            return List.of(
                    Programs.require("redis-server"),
                    "--port",
                    String.valueOf(port),
                    "--bind",
                    "127.0.0.1",
                    "--save",
                    "",
                    "--appendonly",
                    "no");
        }
    },
    MEMCACHE("memcache", "get bench\r\n") {
        @Override
        List<String> server(int port) {
            // one thread, as redis-server has one; root may not run it without saying so
            return List.of(
                    Programs.require("memcached"),
                    "-l",
                    "127.0.0.1",
                    "-p",
                    String.valueOf(port),
                    "-t",
                    "1",
                    "-u",
                    System.getProperty("user.name"),
                    "-m",
                    "512");
        }
    };

    private final String key;
    private final String probe;

    Dialect(String key, String probe) {
        this.key = key;
        this.probe = probe;
    }

    abstract List<String> server(int port);

    /** What configuration files call it. */
    String key() {
        return key;
    }

    /** A request that every target answers, also while it has no keys. */
    String probe() {
        return probe;
    }

    /** Starts one server without a proxy. */
    public Target startServer(String name, Folder folder, Teardown teardown) {
        int port = FreePorts.next();
        OwnProcess process = OwnProcess.start(name, folder, teardown, Map.of(), server(port));
        process.awaitReply(port, probe);
        return new Target(name, port, process, false);
    }
}
