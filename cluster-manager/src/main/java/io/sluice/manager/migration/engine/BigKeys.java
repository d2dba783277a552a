package io.sluice.manager.migration.engine;

import io.sluice.manager.migration.engine.CopyFailure.Kind;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Protocol.Command;

/**
 * Watches for keys that are large and written all the time: copying them whole stalls both servers each time, and never
 * catches up.
 */
final class BigKeys {

    static final int MOST_ELEMENTS = 50_000;
    static final long MOST_BYTES = 8 << 20;

    /** A large key may be copied so often: once by the scan, once because it was written meanwhile. */
    static final int MOST_COPIES = 2;

    /** Below this nobody counts elements: 50000 of them need more. */
    private static final long WORTH_COUNTING = 1 << 20;

    /** A few large keys are normal; this many are a workload for another engine. */
    private static final int MOST_WATCHED = 100_000;

    private final Map<KeyName, Integer> copies = new HashMap<>();

    /** Before a copy of a key that takes so many bytes of memory. */
    void check(RedisLink source, byte[] key, long bytes) throws CopyException {
        if (bytes < WORTH_COUNTING || (bytes < MOST_BYTES && elements(source, key) <= MOST_ELEMENTS)) {
            return;
        }
        int count = copies.merge(new KeyName(key), 1, Integer::sum);
        if (count > MOST_COPIES || copies.size() > MOST_WATCHED) {
            throw new CopyException(
                    Kind.UNSUITABLE,
                    "A key of " + (bytes >> 10) + " KiB on " + source.endpoint()
                            + " is written faster than it can be copied whole; use the stream engine");
        }
    }

    private static long elements(RedisLink source, byte[] key) throws CopyException {
        String type = new String((byte[]) bytes(source.call(Command.TYPE, key)), StandardCharsets.ISO_8859_1);
        Command count = switch (type) {
            case "hash" -> Command.HLEN;
            case "set" -> Command.SCARD;
            case "zset" -> Command.ZCARD;
            case "list" -> Command.LLEN;
            case "stream" -> Command.XLEN;
            default -> Command.EXISTS; // a text, or gone
        };
        return source.ask(count, key) instanceof Long number ? number : 0;
    }

    private static Object bytes(@Nullable Object reply) {
        return reply == null ? new byte[0] : reply;
    }
}
