package io.sluice.manager.migration.engine;

import io.sluice.manager.migration.engine.CopyFailure.Kind;
import java.util.List;
import redis.clients.jedis.Protocol.Command;

/**
 * Sentinels that watch a server. They take whatever becomes a replica of it for its own, for ever: some seconds after such a
 * one was promoted they make it a replica again ({@code +convert-to-slave}), and it loses what it got since.
 */
final class Watchers {

    /** Each sentinel listens there on each server that it watches. */
    private static final byte[] HELLO = RedisLink.ascii("__sentinel__:hello");

    private static final byte[] COUNT = RedisLink.ascii("NUMSUB");

    private Watchers() {}

    /** How many there are. Refused if the server does not tell: nobody may guess here. */
    static long of(RedisLink link) throws CopyException {
        if (link.call(Command.PUBSUB, COUNT, HELLO) instanceof List<?> answer
                && answer.size() == 2
                && answer.get(1) instanceof Long count) {
            return count;
        }
        throw new CopyException(
                Kind.REFUSED, link.endpoint() + " does not tell whether sentinels watch it (PUBSUB NUMSUB)");
    }

    /** Throws if the target must not become a replica for a while: sentinels of either side would notice. */
    static void reject(RedisLink source, RedisLink target) throws CopyException {
        if (of(source) > 0) {
            throw new CopyException(
                    Kind.UNSUITABLE,
                    "Sentinels watch " + source.endpoint() + ": after the switch they would make " + target.endpoint()
                            + " a replica of it again, and its keys would be lost; take another engine");
        }
        if (of(target) > 0) {
            throw new CopyException(
                    Kind.UNSUITABLE,
                    "Sentinels watch " + target.endpoint()
                            + ": they would take it for failed while it is a replica; take another engine");
        }
    }
}
