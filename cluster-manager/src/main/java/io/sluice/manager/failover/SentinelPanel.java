package io.sluice.manager.failover;

import io.sluice.manager.redis.RedisConnector;
import io.sluice.routing.topology.ServerAddress;
import java.util.ArrayList;
import java.util.List;

/** All sentinels, watched. */
final class SentinelPanel implements AutoCloseable {

    private final SentinelConfig config;
    private final List<SentinelWatch> watches = new ArrayList<>();
    private final List<SentinelEvents> events = new ArrayList<>();

    /** Begins to watch; {@code onNews} is run by any thread when a sentinel says something else than before. */
    static SentinelPanel watching(SentinelConfig config, Runnable onNews) {
        SentinelPanel panel = new SentinelPanel(config);
        config.addresses().forEach(sentinel -> panel.watch(sentinel, onNews));
        return panel;
    }

    private SentinelPanel(SentinelConfig config) {
        this.config = config;
    }

    private void watch(ServerAddress sentinel, Runnable onNews) {
        RedisConnector connector = new RedisConnector(config.login(), config.timeout());
        SentinelWatch watch = new SentinelWatch(sentinel, connector, config.interval(), onNews);
        SentinelEvents ear = new SentinelEvents(sentinel, connector, config.interval(), watch::poke);
        watches.add(watch);
        events.add(ear);
        watch.start();
        ear.start();
    }

    /** What those say who answer and know the master. */
    List<SentinelView> views(String master) {
        return watches.stream()
                .flatMap(watch -> watch.answers().of(master).stream())
                .toList();
    }

    /**
     * Whether sentinels do not watch that master: a quorum of them says so. While they do not answer, they may.
     */
    boolean isStranger(String master) {
        List<SentinelAnswers> arrived = watches.stream()
                .map(SentinelWatch::answers)
                .filter(SentinelAnswers::arrived)
                .toList();
        return arrived.size() >= config.quorum()
                && arrived.stream().noneMatch(answers -> answers.of(master).isPresent());
    }

    @Override
    public void close() {
        watches.forEach(SentinelWatch::close);
        events.forEach(SentinelEvents::close);
    }
}
