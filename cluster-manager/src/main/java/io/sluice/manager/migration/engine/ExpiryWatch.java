package io.sluice.manager.migration.engine;

import io.sluice.manager.migration.engine.CopyFailure.Kind;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.PushMessage;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * Hears from the target which keys expire there, by its keyspace notifications, which it switches on and afterwards sets back
 * as they were. A server publishes an expiry before it answers the command that caused it, so {@link #poll} after a reply has
 * heard of it. One thread.
 */
final class ExpiryWatch {

    private static final Logger log = LoggerFactory.getLogger(ExpiryWatch.class);

    private static final byte[] OPTION = RedisLink.ascii("notify-keyspace-events");
    private static final byte[] MESSAGE = RedisLink.ascii("pmessage");
    private static final String CHANNELS = "__keyevent@*__:";

    private final RedisLink link;
    private final KeyFilter moving;
    private final DoubtfulKeys doubtful;
    private final String before;

    ExpiryWatch(RedisLink link, KeyFilter moving, DoubtfulKeys doubtful) throws CopyException {
        this.link = link;
        this.moving = moving;
        this.doubtful = doubtful;
        before = option();
        configure(with(before));
        link.send(Command.PSUBSCRIBE, RedisLink.ascii(CHANNELS + "expired"), RedisLink.ascii(CHANNELS + "evicted"));
        link.call(Command.PING);
    }

    private String option() throws CopyException {
        Object reply = link.call(Command.CONFIG, RedisLink.ascii("GET"), OPTION);
        Object first = reply instanceof List<?> list && !list.isEmpty() ? list.get(0) : null;
        return first instanceof Map.Entry<?, ?> entry ? CommandKeys.text(entry.getValue()) : "";
    }

    private void configure(String flags) throws CopyException {
        link.call(Command.CONFIG, RedisLink.ascii("SET"), OPTION, RedisLink.ascii(flags));
    }

    /** The same flags, and those for expired and evicted keys by event. */
    static String with(String flags) {
        StringBuilder all = new StringBuilder(flags);
        for (String wanted : List.of("E", "x", "e")) {
            boolean covered = flags.contains(wanted) || (!wanted.equals("E") && flags.contains("A"));
            all.append(covered ? "" : wanted);
        }
        return all.toString();
    }

    /** Every moving key that expired before this call is doubtful when it returns. */
    void poll() throws CopyException {
        link.call(Command.PING);
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

    /** Sets the notifications back, over a link of its own since this one may be closed; says so if it cannot. */
    void restore(RedisLink other) throws CopyException {
        if (other.ask(Command.CONFIG, RedisLink.ascii("SET"), OPTION, RedisLink.ascii(before))
                instanceof JedisDataException error) {
            log.warn(
                    "Keyspace notifications stay on: server={} notify-keyspace-events was '{}': {}",
                    other.endpoint(),
                    before,
                    error.getMessage());
        }
    }
}
