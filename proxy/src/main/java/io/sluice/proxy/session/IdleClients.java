package io.sluice.proxy.session;

import io.sluice.proxy.transport.LoopClock;
import java.time.Duration;
import java.util.Collection;
import java.util.List;

/**
 * Looks at all clients of one pool every now and then, instead of one timer for each; sleeps while there is none.
 * Event-loop only.
 */
final class IdleClients {

    /** How late a silent client may be noticed, as a part of the timeout. */
    private static final int LOOKS_PER_TIMEOUT = 8;

    private static final Duration LEAST_PERIOD = Duration.ofMillis(20);

    private final Duration timeout;
    private final Duration period;
    private final Entry.Timer timer;
    private final LoopClock clock;
    private final Collection<ClientSession> clients;
    private boolean watching;

    IdleClients(Duration timeout, Entry.Timer timer, LoopClock clock, Collection<ClientSession> clients) {
        this.timeout = timeout;
        Duration part = timeout.dividedBy(LOOKS_PER_TIMEOUT);
        this.period = part.compareTo(LEAST_PERIOD) < 0 ? LEAST_PERIOD : part;
        this.timer = timer;
        this.clock = clock;
        this.clients = clients;
    }

    /** There is a client. */
    void watch() {
        if (!watching) {
            watching = true;
            timer.schedule(this::look, period);
        }
    }

    private void look() {
        try {
            long now = clock.refresh();
            for (ClientSession client : List.copyOf(clients)) { // those that go leave the collection
                client.closeIfIdle(now, timeout.toNanos());
            }
        } finally { // whatever happens, clients go on being watched
            watching = false;
            if (!clients.isEmpty()) {
                watch();
            }
        }
    }
}
