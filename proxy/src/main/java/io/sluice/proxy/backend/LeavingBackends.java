package io.sluice.proxy.backend;

import io.sluice.proxy.transport.Loop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The servers that a pool does not have any more, until they have answered what they have. Event-loop only. */
final class LeavingBackends {

    private static final Logger log = LoggerFactory.getLogger(LeavingBackends.class);

    /** How late it may be noticed that a server is done. */
    private static final Duration PERIOD = Duration.ofMillis(20);

    private record Leaving(Backend backend, long since, long nanos) {}

    private final String pool;
    private final Loop loop;
    private final List<Leaving> all = new ArrayList<>();
    private boolean watching;

    LeavingBackends(String pool, Loop loop) {
        this.pool = pool;
        this.loop = loop;
    }

    boolean isEmpty() {
        return all.isEmpty();
    }

    /** These together with those that leave. */
    List<Backend> with(List<Backend> others) {
        List<Backend> together = new ArrayList<>(others);
        all.forEach(leaving -> together.add(leaving.backend()));
        return together;
    }

    /** Takes over a server that no request goes to any more. */
    void add(Backend backend, Duration timeout) {
        backend.leave();
        if (backend.isIdle()) {
            backend.close("");
            return;
        }
        all.add(new Leaving(backend, loop.resources().clock().nanos(), timeout.toNanos()));
        watch();
    }

    private void watch() {
        if (!watching) {
            watching = true;
            loop.schedule(this::look, PERIOD);
        }
    }

    private void look() {
        watching = false;
        long now = loop.resources().clock().refresh();
        for (Iterator<Leaving> left = all.iterator(); left.hasNext(); ) {
            Leaving next = left.next();
            boolean late = now - next.since() >= next.nanos();
            if (late || next.backend().isIdle()) {
                left.remove();
                end(next.backend(), late);
            }
        }
        if (!all.isEmpty()) {
            watch();
        }
    }

    private void end(Backend backend, boolean late) {
        if (late && !backend.isIdle()) {
            log.warn("Removed server closed before it answered all: pool={} server={}", pool, backend.name());
        }
        backend.close("removed from the configuration, and no answer in time");
    }

    void close(String cause) {
        List<Leaving> last = List.copyOf(all);
        all.clear();
        last.forEach(leaving -> leaving.backend().close(cause));
    }
}
