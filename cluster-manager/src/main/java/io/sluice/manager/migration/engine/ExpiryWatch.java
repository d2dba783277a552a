package io.sluice.manager.migration.engine;

import io.sluice.manager.migration.engine.CopyFailure.Kind;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.PushMessage;

/**
 * Hears from the target which keys expire there, by its keyspace notifications, which it has switched on while it listens
 * ({@link KeyspaceEvents}). A server publishes an expiry before it answers the command that caused it, so {@link #poll} after a reply has
 * heard of it. One thread, but for
 * {@link #stop}.
 */
final class ExpiryWatch {

    private static final byte[] MESSAGE = RedisLink.ascii("pmessage");
    private static final String CHANNELS = "__keyevent@*__:";

    private final RedisLink link;
    private final KeyFilter moving;
    private final DoubtfulKeys doubtful;
    private final KeyspaceEvents events;
    private final AtomicBoolean closed = new AtomicBoolean();

    ExpiryWatch(RedisLink link, KeyFilter moving, DoubtfulKeys doubtful) throws CopyException {
        this.link = link;
        this.moving = moving;
        this.doubtful = doubtful;
        link.send(Command.PSUBSCRIBE, RedisLink.ascii(CHANNELS + "expired"), RedisLink.ascii(CHANNELS + "evicted"));
        events = KeyspaceEvents.of(link.endpoint());
        events.switchOn(link);
    }

    /** Every moving key that expired before this call is doubtful when it returns. Throws if that cannot be known. */
    void poll() throws CopyException {
        KeyspaceEvents.check(link);
        for (PushMessage push : link.takePushes()) {
            if (Arrays.equals(push.getType(), MESSAGE) && push.getContent().size() == 4) {
                heard(
                        CommandKeys.text(push.getContent().get(2)),
                        push.getContent().get(3));
            }
        }
    }

    private void heard(String channel, @Nullable Object name) throws CopyException {
        if (!(name instanceof byte[] key) || !moving.moves(key)) {
            return;
        }
        if (channel.endsWith("evicted")) {
            throw new CopyException(
                    Kind.TARGET_FULL,
                    link.endpoint()
                            + " evicts keys that were just copied: give it more memory, or maxmemory-policy noeviction");
        }
        doubtful.add(database(channel), key);
    }

    private static int database(String channel) {
        return Integer.parseInt(channel.substring(channel.indexOf('@') + 1, channel.indexOf("__:")));
    }

    /** Sets the notifications back, by a connection of its own since this one may be closed; once. From any thread. */
    void stop(ConnectionRegister register) {
        if (closed.compareAndSet(false, true)) {
            events.switchOff(link.endpoint(), register);
        }
    }
}
