package io.sluice.launcher.faults;

import static org.awaitility.Awaitility.await;

import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The logins with which managers move keys, one each: so servers tell whose connection writes, and forbid it. */
final class MoverLogins {

    private static final int MOST = 64;

    private final List<RedisServer> servers;

    /** @param servers {@linkplain #server that know them} */
    MoverLogins(List<RedisServer> servers) {
        this.servers = servers;
    }

    /** A server that knows the managers' logins. */
    static RedisServer server() {
        RedisServer server = RedisServer.onFreePort();
        for (int i = 0; i < MOST; i++) {
            server.withArguments("--user", of(i), "on", ">secret", "~*", "&*", "+@all");
        }
        return server;
    }

    /** Of the manager that was started as this one, from 0. */
    static String of(int manager) {
        return "mgr-" + manager;
    }

    /** From now on a login may look, and may not change keys or whom a server follows; what it tries is told. */
    void forbidWrites(String login) throws IOException {
        for (RedisServer server : servers) {
            try (RespClient client = server.connect()) {
                client.call("ACL", "LOG", "RESET");
                client.call("ACL", "SETUSER", login, "-@write", "-replicaof", "-slaveof");
            }
        }
    }

    /** What a login tried since then and may not, and lets it write again. */
    List<String> forbiddenTries(String login) throws IOException {
        List<String> tries = new ArrayList<>();
        for (RedisServer server : servers) {
            try (RespClient client = server.connect()) {
                if (client.call("ACL", "LOG") instanceof List<?> entries) {
                    entries.stream()
                            .map(String::valueOf)
                            .filter(entry -> entry.contains(login))
                            .forEach(tries::add);
                }
                client.call("ACL", "SETUSER", login, "+@all");
            }
        }
        return tries;
    }

    /** Whoever takes over ends them before it writes anything; what they write until then, it takes away. */
    void awaitNoConnectionOf(String manager) {
        await("connections of " + manager + " are ended")
                .atMost(FaultCluster.LIMIT)
                .until(() -> connections().stream().noneMatch(line -> line.contains("user=" + manager + " ")));
    }

    /** Of all managers, at both servers. */
    List<String> connections() throws IOException {
        List<String> found = new ArrayList<>();
        for (RedisServer server : servers) {
            try (RespClient client = server.connect()) {
                String.valueOf(client.call("CLIENT", "LIST"))
                        .lines()
                        .filter(line -> line.contains("user=mgr-"))
                        .forEach(found::add);
            }
        }
        return found;
    }
}
