package io.sluice.manager.failover;

import io.sluice.manager.redis.RedisConnector;
import io.sluice.manager.redis.RedisException;
import io.sluice.routing.topology.ServerAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisPubSub;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Listens to the events of one sentinel, on a thread of its own. An event says no more than "ask now": it may come late,
 * twice or not at all.
 */
final class SentinelEvents implements AutoCloseable {

    /** A connection that is silent for so long may be gone without our knowing: it is made anew. */
    static final Duration MOST_SILENCE = Duration.ofSeconds(60);

    private static final Logger log = LoggerFactory.getLogger(SentinelEvents.class);

    /**
     * All sentinels tell the first when they take over the new address. The one that leads the failover tells the second
     * before that, when the new primary is one, and its replicas do not follow it yet.
     */
    private static final String[] CHANNELS = {"+switch-master", "+promoted-slave"};

    private final ServerAddress sentinel;
    private final RedisConnector connector;
    private final Duration pause;
    private final Runnable onEvent;
    private final Thread thread;
    private volatile boolean closed;
    private volatile @Nullable Jedis listening;

    /**
     * Made, not started.
     *
     * @param pause before it connects again
     * @param onEvent is run when there may be something new, by its thread; must not block for long
     */
    SentinelEvents(ServerAddress sentinel, RedisConnector connector, Duration pause, Runnable onEvent) {
        this.sentinel = sentinel;
        this.connector = connector;
        this.pause = pause;
        this.onEvent = onEvent;
        this.thread = new Thread(this::run, "sluice-sentinel-events-" + sentinel);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            while (!closed) {
                listen();
                Thread.sleep(pause.toMillis());
            }
        } catch (InterruptedException e) {
            log.debug("No longer listening to a sentinel: server={}", sentinel);
        }
    }

    private void listen() {
        try (Jedis jedis = connector.open(sentinel, MOST_SILENCE)) {
            listening = jedis;
            if (!closed) {
                jedis.subscribe(new Ear(), CHANNELS);
            }
        } catch (RedisException | JedisException e) {
            log.debug("Not listening to a sentinel: server={}: {}", sentinel, e.getMessage());
        } finally {
            listening = null;
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        Jedis jedis = listening;
        if (jedis != null) {
            try {
                jedis.disconnect(); // ends the wait for its next event
            } catch (JedisException e) {
                log.debug("Already disconnected: server={}", sentinel);
            }
        }
    }

    private final class Ear extends JedisPubSub {

        /** What happened while nobody listened has to be asked for. */
        @Override
        public void onSubscribe(String channel, int channels) {
            onEvent.run();
        }

        @Override
        public void onMessage(String channel, String message) {
            log.info("A sentinel tells of a failover: server={} event={}", sentinel, channel);
            onEvent.run();
        }
    }
}
