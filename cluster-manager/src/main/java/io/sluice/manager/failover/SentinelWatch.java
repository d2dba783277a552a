package io.sluice.manager.failover;

import io.sluice.manager.redis.RedisConnector;
import io.sluice.manager.redis.RedisException;
import io.sluice.manager.redis.RedisLink;
import io.sluice.routing.config.AddressText;
import io.sluice.routing.topology.ServerAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.Jedis;

/**
 * Asks one sentinel again and again, on a thread of its own: so one that does not answer delays no other. {@link #poke}
 * makes it ask at once.
 */
final class SentinelWatch implements AutoCloseable {

    /** As many as there can be shards in a pool; what a sentinel watches besides is passed over. */
    static final int MAX_MASTERS = 4096;

    private static final Logger log = LoggerFactory.getLogger(SentinelWatch.class);
    private static final SentinelAnswers NOT_YET = SentinelAnswers.none("has not been asked yet");

    private final ServerAddress sentinel;
    private final RedisConnector connector;
    private final Duration interval;
    private final Runnable onNews;
    private final Wakeup wakeup = new Wakeup();
    private final Thread thread;
    private volatile SentinelAnswers answers = NOT_YET;

    SentinelWatch(ServerAddress sentinel, RedisConnector connector, Duration interval, Runnable onNews) {
        this.sentinel = sentinel;
        this.connector = connector;
        this.interval = interval;
        this.onNews = onNews;
        this.thread = new Thread(this::run, "sluice-sentinel-" + sentinel);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    SentinelAnswers answers() {
        return answers;
    }

    ServerAddress sentinel() {
        return sentinel;
    }

    void poke() {
        wakeup.ring();
    }

    private void run() {
        try (RedisLink link = new RedisLink(connector, sentinel)) {
            while (true) {
                take(asked(link));
                wakeup.await(interval);
            }
        } catch (InterruptedException e) {
            log.debug("No longer asking a sentinel: server={}", sentinel);
        }
    }

    private void take(SentinelAnswers next) {
        SentinelAnswers before = answers;
        answers = next;
        if ((before.arrived() || before.equals(NOT_YET)) && !next.arrived()) {
            log.warn("A sentinel does not answer: server={}: {}", sentinel, next.problem());
        } else if (!before.arrived() && next.arrived()) {
            log.info("A sentinel answers: server={}", sentinel);
        }
        if (!next.equals(before)) {
            onNews.run();
        }
    }

    private SentinelAnswers asked(RedisLink link) {
        try {
            return SentinelAnswers.of(link.ask(SentinelWatch::views));
        } catch (RedisException e) {
            return SentinelAnswers.none(String.valueOf(e.getMessage()));
        }
    }

    /**
     * The epochs first: between both questions they can only become newer, and a new address with an old epoch is put
     * right by the next poll, while an old address with a new epoch would be believed. The addresses of SENTINEL MASTERS
     * will not do: they are old until all replicas follow, while its epochs are new already
     * (sentinelGetCurrentMasterAddress in sentinel.c).
     */
    private static Map<String, SentinelView> views(Jedis jedis) {
        Map<String, SentinelView> views = new LinkedHashMap<>();
        for (Map<String, String> master : jedis.sentinelMasters()) {
            if (views.size() == MAX_MASTERS) {
                break;
            }
            String name = master.getOrDefault("name", "");
            Optional<ServerAddress> address = address(jedis.sentinelGetMasterAddrByName(name));
            Optional<Long> epoch = epoch(master.getOrDefault("config-epoch", ""));
            if (address.isPresent() && epoch.isPresent()) {
                views.put(name, new SentinelView(epoch.get(), address.get()));
            }
        }
        return views;
    }

    private static Optional<ServerAddress> address(@Nullable List<String> hostAndPort) {
        return hostAndPort == null || hostAndPort.size() != 2
                ? Optional.empty()
                : AddressText.tcp(hostAndPort.get(0) + ":" + hostAndPort.get(1));
    }

    private static Optional<Long> epoch(String text) {
        return text.matches("[0-9]{1,18}") ? Optional.of(Long.parseLong(text)) : Optional.empty();
    }

    /** Returns at once; the thread ends when the question under way does. */
    @Override
    public void close() {
        thread.interrupt();
    }
}
