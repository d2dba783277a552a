package io.sluice.proxy.testing;

import io.sluice.routing.Router;
import io.sluice.routing.config.PoolDefinition;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Keys by the server that owns them. */
public final class Keys {

    private Keys() {}

    /** Different keys that this server of the proxy's pool owns while no server is ejected. */
    public static List<String> ownedBy(int server, RunningProxy proxy, int count) {
        Router router = Router.of(proxy.definition());
        return candidates()
                .filter(key -> owner(router, key) == server)
                .limit(count)
                .toList();
    }

    /** One key that this server owns. */
    public static String ownedBy(int server, RunningProxy proxy) {
        return ownedBy(server, proxy, 1).get(0);
    }

    /** The index of a key's owner. */
    public static int owner(PoolDefinition pool, String key) {
        return owner(Router.of(pool), key);
    }

    private static int owner(Router router, String key) {
        byte[] bytes = key.getBytes(StandardCharsets.ISO_8859_1);
        return router.serverIndex(bytes, 0, bytes.length);
    }

    private static Stream<String> candidates() {
        return IntStream.iterate(0, i -> i + 1).mapToObj(i -> "fault-key-" + i * 7919);
    }
}
