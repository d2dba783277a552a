package io.sluice.manager.migration.engine;

import java.util.ArrayList;
import java.util.List;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.PushConsumerContext;
import redis.clients.jedis.PushMessage;

/** Jedis' connection, with what the server pushes set aside, and with flushing. */
final class WireConnection extends Connection {

    private final List<PushMessage> pushes = new ArrayList<>();

    WireConnection(HostAndPort address, JedisClientConfig config) {
        super(address, config);
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
