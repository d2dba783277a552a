package io.sluice.proxy.budget;

import org.jspecify.annotations.Nullable;

/**
 * Counts what is gathered for split requests: of the client who asked, and of the event loop, since it stays until all
 * servers were heard of even when the client is gone. Event-loop only.
 */
public final class SplitBudget {

    private final WorkerBudget worker;

    public SplitBudget(WorkerBudget worker) {
        this.worker = worker;
    }

    /** Counts bytes; false if they may not be kept: nobody waits for them, or too much is kept. */
    public boolean hold(@Nullable ClientBudget client, int bytes) {
        if (client == null || !client.holdGathered(bytes)) {
            return false;
        }
        worker.addSplit(bytes);
        return true;
    }

    /** Gives bytes back; the client is null once it is gone. */
    public void release(@Nullable ClientBudget client, int bytes) {
        if (client != null) {
            client.releaseGathered(bytes);
        }
        worker.addSplit(-bytes);
    }
}
