package io.sluice.proxy.transport;

import java.util.Arrays;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an event loop does after it has handled a whole batch of ready sockets.
 *
 * <pre>
 *   turn:  [ read ][ read ][ read ] ─▶ [ tasks: resume reading, flush each dirty connection once ]
 *            └ add ┘ └ add ┘             the first add of a turn schedules the run
 * </pre>
 *
 * Flushing here and nowhere else is what makes many requests share one system call (docs/decisions/0003). Tasks keep
 * their own "already added" flag. Event-loop only.
 */
public final class TurnQueue implements Runnable {

    private static final Logger log = LoggerFactory.getLogger(TurnQueue.class);

    private final Executor loop;
    private @Nullable TurnTask[] tasks = new TurnTask[64];
    private int size;
    private boolean scheduled;

    public TurnQueue(Executor loop) {
        this.loop = loop;
    }

    public void add(TurnTask task) {
        if (size == tasks.length) {
            tasks = Arrays.copyOf(tasks, size * 2); // a connection is in the queue at most once until its turn ends
        }
        tasks[size++] = task;
        if (!scheduled) {
            scheduled = true;
            loop.execute(this);
        }
    }

    @Override
    public void run() {
        for (int i = 0; i < size; i++) { // size grows when a task adds another
            TurnTask task = tasks[i];
            tasks[i] = null;
            if (task != null) {
                endTurn(task);
            }
        }
        size = 0;
        scheduled = false;
    }

    /** A bug in one connection must not keep the others from being flushed. */
    private static void endTurn(TurnTask task) {
        try {
            task.endTurn();
        } catch (Throwable e) { // the queue must go on, or nothing on this loop is ever flushed again
            log.error("A task at the end of a turn failed", e);
        }
    }
}
