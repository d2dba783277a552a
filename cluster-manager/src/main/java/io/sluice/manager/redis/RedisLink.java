package io.sluice.manager.redis;

import io.sluice.routing.topology.ServerAddress;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * A connection to one server for questions, opened when the first is asked, and anew after it broke. For one thread at a
 * time.
 */
public final class RedisLink implements AutoCloseable {

    private final RedisConnector connector;
    private final ServerAddress server;
    private @Nullable Jedis open;

    public RedisLink(RedisConnector connector, ServerAddress server) {
        this.connector = connector;
        this.server = server;
    }

    public ServerAddress server() {
        return server;
    }

    /** What it says of itself; never throws. */
    public ServerRole role() {
        try {
            return ServerRole.of(ask(Jedis::role));
        } catch (RedisException e) {
            return new ServerRole.Unknown(String.valueOf(e.getMessage()));
        }
    }

    /**
     * Asks something that changes nothing: over a connection that was there already, and that turns out to be broken, it
     * is asked again over a new one. An answer of a kind that the question does not have is a {@link RedisException} too.
     */
    public <T> T ask(Function<Jedis, T> question) throws RedisException {
        Jedis kept = open;
        if (kept != null) {
            try {
                return question.apply(kept);
            } catch (JedisDataException e) {
                throw RedisException.of(e);
            } catch (ClassCastException | IllegalArgumentException | IndexOutOfBoundsException e) {
                throw odd();
            } catch (JedisException e) {
                close();
                if (RedisException.isTimeout(e)) {
                    throw RedisException.of(e); // it has had its time
                }
            }
        }
        return askAnew(question);
    }

    private <T> T askAnew(Function<Jedis, T> question) throws RedisException {
        Jedis jedis = connector.open(server);
        open = jedis;
        try {
            return question.apply(jedis);
        } catch (JedisDataException e) {
            throw RedisException.of(e);
        } catch (ClassCastException | IllegalArgumentException | IndexOutOfBoundsException e) {
            throw odd();
        } catch (JedisException e) {
            close();
            throw RedisException.of(e);
        }
    }

    /** Whoever sends one is none that was meant; what it sends next may be anything. */
    private RedisException odd() {
        close();
        return RedisException.unreadable();
    }

    @Override
    public void close() {
        Jedis jedis = open;
        open = null;
        if (jedis != null) {
            try {
                jedis.close();
            } catch (JedisException e) {
                // It was broken already, and is gone now.
            }
        }
    }
}
