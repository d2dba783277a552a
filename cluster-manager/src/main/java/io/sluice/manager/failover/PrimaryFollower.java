package io.sluice.manager.failover;

import io.sluice.manager.change.ChangeDesk;
import io.sluice.manager.store.Leadership;
import io.sluice.manager.store.StoreException;
import io.sluice.manager.store.TopologyStore;
import io.sluice.routing.cluster.Topology;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the primaries of a cluster while this manager leads.
 *
 * <pre>
 *   sentinels ──▶ watches ──┐
 *                           ├──ring──▶ a round: topology read, shards judged ──▶ change desk
 *   servers ───▶ role poll ─┘
 * </pre>
 *
 * All rounds are on one thread, which is this object's. While another manager leads, nobody is asked anything.
 */
public final class PrimaryFollower implements AutoCloseable {

    /** Who did it, in the history. */
    public static final String NAME = "failover";

    /** A round comes at least so often: what could not be written is tried again, and leadership is noticed. */
    static final Duration MOST_PAUSE = Duration.ofSeconds(1);

    /** More than a write to ZooKeeper takes; a later one carries a term that is over. */
    static final Duration MOST_WAIT = Duration.ofSeconds(5);

    private static final Logger log = LoggerFactory.getLogger(PrimaryFollower.class);

    private final TopologyStore topologies;
    private final Leadership leadership;
    private final ChangeDesk desk;
    private final FailoverConfig config;
    private final Wakeup wakeup = new Wakeup();
    private final Thread thread;
    private volatile boolean closed;
    private volatile List<ShardStatus> statuses = List.of();
    private @Nullable Watching watching;
    private String problem = "";

    public PrimaryFollower(TopologyStore topologies, Leadership leadership, ChangeDesk desk, FailoverConfig config) {
        this.topologies = topologies;
        this.leadership = leadership;
        this.desk = desk;
        this.config = config;
        this.thread = new Thread(this::run, "sluice-failover");
        thread.setDaemon(true);
    }

    /** Begins, unless the configuration leaves nothing to do. */
    public void start() {
        if (config.isOn()) {
            thread.start();
        }
    }

    /** Of all shards, as of the last round; none while another manager leads. From any thread; does not block. */
    public List<ShardStatus> statuses() {
        return statuses;
    }

    private void run() {
        try {
            while (!closed) {
                if (leadership.leads()) {
                    guardedRound();
                } else {
                    rest();
                }
                wakeup.await(MOST_PAUSE);
            }
        } catch (InterruptedException e) {
            log.debug("Failover ends");
        } finally {
            rest();
        }
    }

    /** A bug must not end it: whoever leads is the only one who follows. It begins anew, and knows nothing. */
    private void guardedRound() {
        try {
            round();
        } catch (RuntimeException e) {
            tellOnce(e);
            rest();
        }
    }

    private void round() {
        try {
            Topology topology = topologies.read().topology();
            Watching now = watching;
            if (now == null) {
                now = new Watching(config, desk, wakeup::ring);
                watching = now;
                log.info(
                        "Following primaries: sentinels={} role_poll={}",
                        sentinels(),
                        config.polling().enabled());
            }
            statuses = now.round(topology);
            problem = "";
        } catch (StoreException e) {
            tellOnce(e);
        }
    }

    private int sentinels() {
        SentinelConfig sentinels = config.sentinels();
        return sentinels == null ? 0 : sentinels.addresses().size();
    }

    private void tellOnce(Exception e) {
        String message = String.valueOf(e instanceof StoreException ? e.getMessage() : e.toString());
        if (message.equals(problem)) {
            return;
        }
        problem = message;
        if (e instanceof StoreException) {
            log.warn("Primaries cannot be followed now: {}", message);
        } else {
            log.error("Primaries cannot be followed now; this is a bug in Sluice, please report it", e);
        }
    }

    /** Forgets what it knows: when this manager leads again, it may be old. */
    private void rest() {
        Watching before = watching;
        watching = null;
        statuses = List.of();
        if (before != null) {
            before.close();
            log.info("No longer following primaries");
        }
    }

    /** Ends the thread, and waits for the round under way: a write of it may wait for ZooKeeper. */
    @Override
    public void close() {
        closed = true;
        wakeup.ring();
        try {
            thread.join(MOST_WAIT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (thread.isAlive()) {
            log.warn("Failover has not ended after {} s; what it may still write is refused", MOST_WAIT.toSeconds());
        }
    }
}
