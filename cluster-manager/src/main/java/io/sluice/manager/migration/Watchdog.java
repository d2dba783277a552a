package io.sluice.manager.migration;

import io.sluice.manager.store.StoreException;
import io.sluice.manager.store.StoredTopology;
import io.sluice.manager.store.TopologyStore;
import io.sluice.routing.cluster.OverdueFreezes;
import java.time.Duration;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends freezes that nobody ends, whether this manager leads or not, on a thread of its own. */
public final class Watchdog implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Watchdog.class);

    /** Between two looks, while nothing is frozen. */
    private static final Duration PAUSE = Duration.ofSeconds(1);

    /** While something is: clients wait. */
    private static final Duration FROZEN_PAUSE = Duration.ofMillis(200);

    private final TopologyStore topologies;
    private final OverdueFreezes freezes = new OverdueFreezes(OverdueFreezes.BUDGETS);
    private final Thread thread = new Thread(this::run, "freeze-watchdog");

    private Watchdog(TopologyStore topologies) {
        this.topologies = topologies;
    }

    public static Watchdog start(TopologyStore topologies) {
        Watchdog watchdog = new Watchdog(topologies);
        watchdog.thread.setDaemon(true);
        watchdog.thread.start();
        return watchdog;
    }

    private void run() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                look();
                Thread.sleep((freezes.isAnythingFrozen() ? FROZEN_PAUSE : PAUSE).toMillis());
            }
        } catch (InterruptedException e) {
            log.debug("The watchdog ends");
        }
    }

    private void look() {
        try {
            StoredTopology now = topologies.read();
            Set<String> overdue = freezes.overdue(now.topology(), System.nanoTime());
            if (!overdue.isEmpty()) {
                topologies.endFreezes(now, overdue);
                log.warn("Ended freezes that nobody else did: handoffs={}", overdue);
            }
        } catch (StoreException e) {
            log.debug("Looks again soon: {}", e.getMessage());
        } catch (RuntimeException e) { // a bug; freezes must not last because of it
            log.error("Cannot look for freezes, and tries again", e);
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
