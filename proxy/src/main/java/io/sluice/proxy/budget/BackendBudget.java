package io.sluice.proxy.budget;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What waits for one server connection, and the clients that wait until there is room. Event-loop only.
 *
 * <pre>
 *            high mark             half of it               nothing taken, nothing answered for a while
 *   ROOM ───────────────▶ FULL ───────────────▶ ROOM                         FULL ───▶ STALLED
 *                         clients wait          they go on                             they get errors
 * </pre>
 */
public final class BackendBudget implements Room {

    /** Goes on when there is room, or when there will be none: it then finds out by asking again. */
    public interface Waiter {
        void onRoom();
    }

    private static final Logger log = LoggerFactory.getLogger(BackendBudget.class);

    /** A server that stalls time and again is told of no more often than that. */
    private static final long TOLD_EVERY_NANOS = Duration.ofSeconds(10).toNanos();

    /** Fewer bytes than that are counted once the socket has taken what was there before. */
    private static final long COUNT_FROM_BYTES = 16 << 10;

    private final WorkerBudget worker;
    private final String name;
    private final Set<Waiter> waiting = new LinkedHashSet<>(); // who came first goes on first

    private long maxBytes;
    private int maxRequests;
    private long stallNanos;
    private long queuedBytes;
    private long countedBytes; // of them, as the event loop knows
    private int inFlight;
    private boolean full;
    private boolean anyWaiting;
    private long answers;
    private long lastProgress;
    private long progressAt;
    private boolean stalled;
    private boolean told;
    private long toldAt;

    /** Empty at first; the name is the server's, for logs and errors. */
    public BackendBudget(
            WorkerBudget worker, String name, long maxBytes, int maxRequests, Duration stallTimeout, long now) {
        this.worker = worker;
        this.name = name;
        this.maxBytes = maxBytes;
        this.maxRequests = maxRequests;
        this.stallNanos = stallTimeout.toNanos();
        this.progressAt = now;
        this.toldAt = now - TOLD_EVERY_NANOS;
    }

    /** Other bounds, from now on. */
    public void bound(long newMaxBytes, int newMaxRequests, Duration stallTimeout) {
        maxBytes = newMaxBytes;
        maxRequests = newMaxRequests;
        stallNanos = stallTimeout.toNanos();
        findFull();
        wakeIfRoom();
    }

    // ---- what happens

    /** A request was added; as much is not taken now, and as many await replies. */
    public void onRequest(long bytesQueued, int nowInFlight, long now) {
        queuedBytes = bytesQueued;
        inFlight = nowInFlight;
        if (bytesQueued - countedBytes >= COUNT_FROM_BYTES) {
            count();
        }
        if (!full && findFull()) {
            progressAt = now;
        }
    }

    private void count() {
        worker.addServer(queuedBytes - countedBytes);
        countedBytes = queuedBytes;
    }

    /** Once full it is full for everybody until half of it is free: else newcomers would pass those who wait for ever. */
    private boolean findFull() {
        full = full ? !isHalfFree() : queuedBytes >= maxBytes || inFlight >= maxRequests;
        return full;
    }

    private boolean isHalfFree() {
        return queuedBytes <= maxBytes / 2 && inFlight <= maxRequests / 2;
    }

    /** A reply, or a piece of one, has come. */
    public void onAnswer(int nowInFlight) {
        answers++;
        inFlight = nowInFlight;
        if (full || anyWaiting) {
            findFull();
            wakeIfRoom();
        }
    }

    /** The socket has taken something. */
    public void onSent(long bytesQueued) {
        queuedBytes = bytesQueued;
        count();
        findFull();
        wakeIfRoom();
    }

    /** The connection is gone, and with it what waited, or some of it. */
    public void onFailed(long bytesQueued, int nowInFlight) {
        queuedBytes = bytesQueued;
        inFlight = nowInFlight;
        count();
        findFull();
        stalled = false;
        told = false;
        wakeAll();
    }

    /**
     * Finds out whether the server stalls.
     *
     * @param taken total of bytes it has taken
     * @param late whether its oldest request has passed its deadline
     */
    public void sweep(long now, long taken, boolean late) {
        long progress = taken + answers;
        if (progress != lastProgress || !isFull()) {
            lastProgress = progress;
            progressAt = now;
        }
        boolean wasStalled = stalled;
        stalled = isFull() && (late || now - progressAt >= stallNanos);
        if (stalled) {
            tell(now);
            wakeAll();
        } else if (wasStalled) {
            tellRecovery();
        }
    }

    private void tell(long now) {
        if (!told && now - toldAt >= TOLD_EVERY_NANOS) {
            told = true;
            toldAt = now;
            log.warn(
                    "Server stalls, requests for it fail until it goes on: server={} queued_bytes={} in_flight={}",
                    name,
                    queuedBytes,
                    inFlight);
        }
    }

    private void tellRecovery() {
        if (told) {
            told = false;
            log.info("Server goes on: server={} queued_bytes={} in_flight={}", name, queuedBytes, inFlight);
        }
    }

    // ---- what may be

    /** Whether a further request must not be added. */
    public boolean isFull() {
        return full;
    }

    /** Whether waiting for room is in vain. */
    public boolean isStalled() {
        return stalled;
    }

    public String describe() {
        return "server=" + name + " queued_bytes=" + queuedBytes + " in_flight=" + inFlight;
    }

    public long queuedBytes() {
        return queuedBytes;
    }

    public int inFlight() {
        return inFlight;
    }

    // ---- who waits

    @Override
    public void await(Waiter waiter) {
        anyWaiting = true;
        if (waiting.add(waiter)) {
            worker.count(BudgetFigure.SERVER_PAUSES);
        }
    }

    @Override
    public void forget(Waiter waiter) {
        waiting.remove(waiter);
        anyWaiting = !waiting.isEmpty();
    }

    public boolean hasWaiters() {
        return anyWaiting;
    }

    /** Nobody shall wait here any longer: they go on elsewhere. */
    public void releaseWaiters() {
        wakeAll();
    }

    private void wakeIfRoom() {
        if (anyWaiting && isHalfFree()) {
            wakeAll();
        }
    }

    private void wakeAll() {
        if (anyWaiting) {
            List<Waiter> woken = List.copyOf(waiting);
            waiting.clear();
            anyWaiting = false;
            woken.forEach(Waiter::onRoom);
        }
    }
}
