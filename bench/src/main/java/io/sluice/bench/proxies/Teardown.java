package io.sluice.bench.proxies;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Everything a run has started. It ends in reverse order: when the run is over, when it fails, and when a signal ends
 * the JVM. May be used from any thread.
 */
public final class Teardown implements AutoCloseable {

    private final Deque<Runnable> actions = new ArrayDeque<>();
    private boolean closed;

    public Teardown() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::close, "teardown"));
    }

    /** Runs it at once if the end has come already. */
    public synchronized void add(Runnable action) {
        if (closed) {
            action.run();
        } else {
            actions.push(action);
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        while (!actions.isEmpty()) {
            actions.pop().run();
        }
    }
}
