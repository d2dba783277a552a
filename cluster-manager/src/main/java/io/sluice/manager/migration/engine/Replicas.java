package io.sluice.manager.migration.engine;

import io.sluice.manager.migration.engine.CopyFailure.Kind;
import java.time.Duration;
import redis.clients.jedis.Protocol.Command;

/** The replicas of the target: what was copied must outlive the loss of the target's master. */
final class Replicas {

    static final Duration PATIENCE = Duration.ofSeconds(1);

    /** Nobody has more replicas than this. */
    private static final int MOST = 100;

    private Replicas() {}

    /** Waits until a replica has everything sent over this link; at once where there is none. */
    static void confirm(RedisLink target, Pace pace) throws CopyException {
        pace.checkRunning();
        if (online(target.info("replication")) == 0) {
            return;
        }
        Object confirmed = target.call(Command.WAIT, RedisLink.ascii(1), RedisLink.ascii(PATIENCE.toMillis()));
        if (!(confirmed instanceof Long number) || number == 0) {
            throw new CopyException(
                    Kind.CONNECTION,
                    "No replica of " + target.endpoint() + " has confirmed the copy within " + PATIENCE.toMillis()
                            + " ms");
        }
    }

    /** Replicas that keep up. Movers that read the stream say no port and never confirm: they do not count. */
    static int online(InfoText replication) {
        int count = 0;
        for (int i = 0; i < MOST; i++) {
            String replica = replication.text("slave" + i);
            if (replica.contains("state=online") && InfoText.part(replica, "port") != 0) {
                count++;
            }
        }
        return count;
    }
}
