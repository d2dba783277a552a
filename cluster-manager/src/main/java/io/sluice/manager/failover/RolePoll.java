package io.sluice.manager.failover;

import io.sluice.manager.redis.ServerRole;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks all servers for their roles in rounds, on a thread of its own. */
final class RolePoll implements AutoCloseable {

    /**
     * All roles of one round.
     *
     * @param number from 1; 0 before the first
     */
    record Round(long number, Map<PoolServer, ServerRole> roles) {

        Round {
            roles = Map.copyOf(roles);
        }
    }

    private static final Logger log = LoggerFactory.getLogger(RolePoll.class);

    private final RoleAsker asker;
    private final Duration interval;
    private final Runnable onRound;
    private final Thread thread;
    private final Wakeup wakeup = new Wakeup();
    private volatile Set<PoolServer> servers = Set.of();
    private volatile Round round = new Round(0, Map.of());

    RolePoll(RoleAsker asker, Duration interval, Runnable onRound) {
        this.asker = asker;
        this.interval = interval;
        this.onRound = onRound;
        this.thread = new Thread(this::run, "sluice-role-poll");
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Whom to ask from the next round on. */
    void servers(Set<PoolServer> all) {
        if (!all.equals(servers)) {
            servers = Set.copyOf(all);
            wakeup.ring();
        }
    }

    Round newest() {
        return round;
    }

    private void run() {
        try {
            while (true) {
                wakeup.await(interval);
                Set<PoolServer> asked = servers;
                round = new Round(round.number() + 1, asker.askAll(asked));
                asker.keepOnly(asked);
                onRound.run();
            }
        } catch (InterruptedException | RejectedExecutionException e) { // the asker is closed as well
            log.debug("No longer asking for roles");
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
