package io.sluice.launcher.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.testing.RedisServer;
import io.sluice.testing.RespClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Keys that nobody changes while their slots move. */
final class StillKeys {

    private static final int ONE_IN_EXPIRES = 5;
    private static final long TTL_TOLERANCE_MILLIS = 100;

    private final List<RedisServer> servers;
    private final List<Integer> ports;
    private int keys;
    private Map<String, Long> expiries = Map.of();

    /** @param ports of the proxies, which may still be started */
    StillKeys(List<RedisServer> servers, List<Integer> ports) {
        this.servers = servers;
        this.ports = ports;
    }

    /** Writes this many keys through a proxy; some of them expire in an hour. */
    void fill(int count) throws IOException {
        keys = count;
        try (RespClient client = new RespClient(ports.get(0))) {
            for (int i = 0; i < count; i++) {
                if (i % ONE_IN_EXPIRES == 0) {
                    client.call("SET", "still:" + i, "value " + i, "PX", String.valueOf(3_600_000 + i));
                } else {
                    client.call("SET", "still:" + i, "value " + i);
                }
            }
        }
        rememberExpiries();
    }

    /** What the next move must leave as it is. */
    void rememberExpiries() throws IOException {
        expiries = expiriesNow();
    }

    private Map<String, Long> expiriesNow() throws IOException {
        Map<String, Long> found = new HashMap<>();
        for (RedisServer server : servers) {
            try (RespClient client = server.connect()) {
                for (int i = 0; i < keys; i += ONE_IN_EXPIRES) {
                    if (client.call("PEXPIRETIME", "still:" + i) instanceof Long at && at > 0) {
                        found.merge("still:" + i, at, Math::max); // what is left over at a source is older
                    }
                }
            }
        }
        return found;
    }

    /** They are there, as they were written, and expire when they were to. */
    void check(String what) throws IOException {
        assertThat(keysThatDiffer()).as(what).isEmpty();
        Map<String, Long> now = expiriesNow();
        assertThat(now.keySet()).as(what).isEqualTo(expiries.keySet());
        assertThat(expiries)
                .as(what)
                .allSatisfy((key, at) ->
                        assertThat(now.get(key)).isBetween(at - TTL_TOLERANCE_MILLIS, at + TTL_TOLERANCE_MILLIS));
    }

    /** A server that died is probed before proxies send it requests again, and gets its keys by and by. */
    void awaitAllIsRead() {
        for (int port : ports) {
            await("the proxies use all servers again")
                    .atMost(FaultCluster.LIMIT)
                    .until(() -> keysThatDiffer(port).isEmpty());
        }
    }

    private List<String> keysThatDiffer() throws IOException {
        return keysThatDiffer(ports.get(1));
    }

    private List<String> keysThatDiffer(int port) throws IOException {
        List<String> differ = new ArrayList<>();
        try (RespClient client = new RespClient(port)) {
            for (int i = 0; i < keys; i++) {
                if (!("value " + i).equals(client.call("GET", "still:" + i))) {
                    differ.add("still:" + i);
                }
            }
        }
        return differ;
    }
}
