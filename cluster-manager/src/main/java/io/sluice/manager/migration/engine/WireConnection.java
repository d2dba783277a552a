package io.sluice.manager.migration.engine;

import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Connection;
import redis.clients.jedis.DefaultJedisSocketFactory;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.PushConsumerContext;
import redis.clients.jedis.PushMessage;
import redis.clients.jedis.exceptions.JedisConnectionException;

/** Jedis' connection, with what the server pushes set aside, and with flushing. */
final class WireConnection extends Connection {

    private final List<PushMessage> pushes = new ArrayList<>();

    private final KnownSocket socket;

    WireConnection(HostAndPort address, JedisClientConfig config) {
        this(new KnownSocket(address, config), config);
    }

    private WireConnection(KnownSocket socket, JedisClientConfig config) {
        super(socket, config);
        this.socket = socket;
    }

    /** Jedis keeps its socket to itself. */
    private static final class KnownSocket extends DefaultJedisSocketFactory {
        private @Nullable Socket made;

        KnownSocket(HostAndPort address, JedisClientConfig config) {
            super(address, config);
        }

        @Override
        public Socket createSocket() {
            Socket created = super.createSocket();
            made = created;
            return created;
        }
    }

    /** Sends bytes as they are, after what was queued. */
    void write(byte[] bytes) {
        flush();
        try {
            Objects.requireNonNull(socket.made, "a connection")
                    .getOutputStream()
                    .write(bytes);
        } catch (IOException e) {
            setBroken();
            throw new JedisConnectionException(e);
        }
    }

    /** Called by the constructor above; takes the place of what Jedis does with pushes. */
    @Override
    protected void initPushConsumers(JedisClientConfig config) {
        addPushConsumer(context -> setAside(context));
    }

    private PushConsumerContext setAside(PushConsumerContext context) {
        pushes.add(context.getMessage());
        context.drop();
        return context;
    }

    /** What was pushed since the last call, in order; comes in while replies are read. */
    List<PushMessage> takePushes() {
        List<PushMessage> taken = List.copyOf(pushes);
        pushes.clear();
        return taken;
    }

    @Override
    protected void flush() {
        super.flush();
    }
}
