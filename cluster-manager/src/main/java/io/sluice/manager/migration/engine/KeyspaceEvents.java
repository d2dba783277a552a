package io.sluice.manager.migration.engine;

import io.sluice.routing.topology.ServerAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * The notifications of one server that tell of keys that expire there. They are on while any copy of this process needs
 * them, and as they were before when none does any more: two copies may have the same target. Thread-safe; blocks for some
 * round trips.
 */
final class KeyspaceEvents {

    private static final Logger log = LoggerFactory.getLogger(KeyspaceEvents.class);

    private static final byte[] OPTION = RedisLink.ascii("notify-keyspace-events");

    /** A few bytes for each server that has ever been a target of this process. */
    private static final Map<ServerAddress, KeyspaceEvents> SERVERS = new ConcurrentHashMap<>();

    private String before = "";
    private int users;

    private KeyspaceEvents() {}

    static KeyspaceEvents of(RedisEndpoint server) {
        return SERVERS.computeIfAbsent(server.address(), any -> new KeyspaceEvents());
    }

    /** From now on one more needs them. */
    synchronized void switchOn(RedisLink link) throws CopyException {
        String now = flags(link);
        link.call(Command.CONFIG, RedisLink.ascii("SET"), OPTION, RedisLink.ascii(with(now)));
        if (users++ == 0) {
            before = now;
        }
    }

    /** One who needed them does not any more. A manager that may not register a connection leaves them on. */
    synchronized void switchOff(RedisEndpoint server, ConnectionRegister register) {
        if (--users > 0) {
            return;
        }
        try (RedisLink link = RedisLink.open(server, MaintenanceConnection.Purpose.READ, register)) {
            if (link.ask(Command.CONFIG, RedisLink.ascii("SET"), OPTION, RedisLink.ascii(before))
                    instanceof JedisDataException error) {
                warn(server, String.valueOf(error.getMessage()));
            }
        } catch (CopyException e) {
            warn(server, e.failure().message());
        }
    }

    private void warn(RedisEndpoint server, String why) {
        log.warn("Keyspace notifications stay on: server={} notify-keyspace-events was '{}': {}", server, before, why);
    }

    /** Throws if somebody has switched them off meanwhile: expiries were missed then. */
    static void check(RedisLink link) throws CopyException {
        String now = flags(link);
        if (!with(now).equals(now)) {
            throw new CopyException(
                    CopyFailure.Kind.SOURCE_CHANGED,
                    "Somebody set notify-keyspace-events of " + link.endpoint() + " to '" + now
                            + "' in the midst of a copy, which cannot know what has expired there");
        }
    }

    private static String flags(RedisLink link) throws CopyException {
        Object reply = link.call(Command.CONFIG, RedisLink.ascii("GET"), OPTION);
        Object first = reply instanceof List<?> list && !list.isEmpty() ? list.get(0) : null;
        return first instanceof Map.Entry<?, ?> entry ? CommandKeys.text(entry.getValue()) : "";
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
}
