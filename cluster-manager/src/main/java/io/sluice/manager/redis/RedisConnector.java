package io.sluice.manager.redis;

import io.sluice.routing.topology.ServerAddress;
import java.time.Duration;
import redis.clients.jedis.ClientSetInfoConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.RedisProtocol;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Opens connections to servers with one login. May be used from any thread; blocks.
 *
 * @param timeout for the connect, and for each wait for bytes of a reply
 */
public record RedisConnector(RedisLogin login, Duration timeout) {

    /** What CLIENT LIST shows. */
    static final String CLIENT_NAME = "sluice-manager";

    /** An open connection that has logged in; whoever asks for it closes it. */
    public Jedis open(ServerAddress server) throws RedisException {
        return open(server, timeout);
    }

    /** The same with another patience for replies, which those to SUBSCRIBE take. */
    public Jedis open(ServerAddress server, Duration replyTimeout) throws RedisException {
        if (server.isUnixSocket()) {
            throw new RedisException("is a unix socket; the manager asks servers over TCP only");
        }
        try {
            return new Jedis(new HostAndPort(server.hostOrPath(), server.port()), config(replyTimeout));
        } catch (JedisException e) {
            throw RedisException.of(e);
        }
    }

    private DefaultJedisClientConfig config(Duration replyTimeout) {
        DefaultJedisClientConfig.Builder config = DefaultJedisClientConfig.builder()
                .connectionTimeoutMillis((int) timeout.toMillis())
                .socketTimeoutMillis((int) replyTimeout.toMillis())
                .protocol(RedisProtocol.RESP2)
                .clientSetInfoConfig(ClientSetInfoConfig.DISABLED)
                .clientName(CLIENT_NAME);
        if (login.password() != null) {
            config.user(login.user()).password(login.password());
        }
        RedisTls tls = login.tls();
        if (tls != null) {
            config.ssl(true).sslSocketFactory(tls.sockets()).sslParameters(tls.namesHost());
        }
        return config.build();
    }
}
