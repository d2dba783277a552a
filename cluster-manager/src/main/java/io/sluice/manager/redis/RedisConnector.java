package io.sluice.manager.redis;

import io.sluice.routing.topology.ServerAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.ClientSetInfoConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.RedisProtocol;
import redis.clients.jedis.exceptions.JedisConnectionException;
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
        AtomicReference<@Nullable Socket> socket = new AtomicReference<>();
        try {
            return new Jedis(
                    () -> {
                        Socket connected = socket(server, replyTimeout);
                        socket.set(connected);
                        return connected;
                    },
                    config(replyTimeout));
        } catch (JedisException e) {
            throw RedisException.of(e);
        } catch (ClassCastException | IllegalArgumentException | IndexOutOfBoundsException e) {
            closeQuietly(socket.get()); // Jedis closes it only for its own exceptions
            throw RedisException.unreadable();
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
        return config.build();
    }

    /** The handshake of TLS has the time of a connect, whatever the patience for replies. */
    private Socket socket(ServerAddress server, Duration replyTimeout) {
        Socket socket = new Socket();
        try {
            socket.setTcpNoDelay(true);
            socket.setKeepAlive(true);
            socket.connect(new InetSocketAddress(server.hostOrPath(), server.port()), (int) timeout.toMillis());
            socket.setSoTimeout((int) timeout.toMillis());
            RedisTls tls = login.tls();
            Socket ready = tls == null ? socket : tls.over(socket, server);
            ready.setSoTimeout((int) replyTimeout.toMillis());
            return ready;
        } catch (IOException e) {
            closeQuietly(socket);
            throw new JedisConnectionException(e);
        }
    }

    private static void closeQuietly(@Nullable Socket socket) {
        try {
            if (socket != null) {
                socket.close();
            }
        } catch (IOException e) {
            // It has not become a connection; there is nothing to lose.
        }
    }
}
