package io.sluice.proxy.budget;

/**
 * What one client makes the proxy hold, and how much more it may ask for. Event-loop only.
 *
 * <pre>
 *   request ─▶ [ partial ] ─▶ in flight x estimate ─▶ [ held early, gathered ] ─▶ [ unsent ] ─▶ client
 *               counted        expected: a guess       counted                     counted
 * </pre>
 *
 * A client is not read from while what is counted and expected fills its window. How large its replies are is learnt
 * from those it got: the guess begins high, rises by half of the difference and falls by an eighth of it, so many
 * requests are in flight only once many replies have been small. Requests that read have a guess of their own: their
 * replies are values, and those of all others mostly say OK.
 */
public final class ClientBudget {

    /** Hears that its client must go. */
    public interface Holder {
        void onEvicted(long heldBytes, String reason);
    }

    /** What a value for a new client is thought to take, of which nothing is known yet ... */
    static final long FIRST_READ_ESTIMATE_BYTES = 1 << 20;

    /** ... or less: it may have so many requests in flight at least, if the process has room. */
    static final int FIRST_WINDOW_REQUESTS = 8;

    /** The same for what is no value. */
    static final long FIRST_WRITE_ESTIMATE_BYTES = 64 << 10;

    /** Who has been sent nothing for this long while replies wait does not take them. */
    static final long NOT_TAKING_NANOS = 1_000_000_000L;

    private static final int RISE_SHIFT = 1;
    private static final int FALL_SHIFT = 3;

    private final WorkerBudget worker;
    private final ClientLimits limits;
    private final Holder holder;

    private long readEstimateBytes; // of one reply
    private long writeEstimateBytes;
    private int awaitedReads;
    private int awaitedWrites;
    private long partialBytes;
    private long earlyBytes;
    private long gatheredBytes;
    private long unsentBytes;
    private long sentAt;

    private long countedHeld;
    private long countedExpected;
    private boolean closed;

    public ClientBudget(WorkerBudget worker, ClientLimits limits, Holder holder) {
        this.worker = worker;
        this.limits = limits;
        this.holder = holder;
        long most = Math.max(1, limits.bufferBytes() / FIRST_WINDOW_REQUESTS);
        this.readEstimateBytes = Math.min(FIRST_READ_ESTIMATE_BYTES, most);
        this.writeEstimateBytes = Math.min(FIRST_WRITE_ESTIMATE_BYTES, most);
        this.sentAt = worker.now();
        worker.opened(this);
    }

    public ClientLimits limits() {
        return limits;
    }

    // ---- what happens

    /** A reply is owed from now on. */
    public void onRequest(boolean read) {
        if (read) {
            awaitedReads++;
        } else {
            awaitedWrites++;
        }
    }

    /** The request is not taken after all. */
    public void onTakenBack(boolean read) {
        if (read) {
            awaitedReads--;
        } else {
            awaitedWrites--;
        }
    }

    /** All of a reply has come, perhaps too early to be sent. */
    public void onReply(long bytes, boolean read) {
        onTakenBack(read);
        if (read) {
            readEstimateBytes = better(readEstimateBytes, bytes);
        } else {
            writeEstimateBytes = better(writeEstimateBytes, bytes);
        }
    }

    private static long better(long estimate, long bytes) {
        long difference = bytes - estimate;
        return estimate + (difference > 0 ? difference >> RISE_SHIFT : -(-difference >> FALL_SHIFT));
    }

    /** The socket has taken what it was given. */
    public void onSent() {
        sentAt = worker.now();
    }

    /** Bytes of a request that is not complete, or may not be handled yet. */
    public void partial(long bytes) {
        partialBytes = bytes;
    }

    /** Counts bytes of an early reply; false if they may not be held. */
    public boolean holdEarly(int bytes) {
        if (earlyBytes + gatheredBytes + bytes > limits.maxHeldBytes()) {
            return false;
        }
        earlyBytes += bytes;
        return true;
    }

    public void releaseEarly(int bytes) {
        earlyBytes -= bytes;
    }

    /** Counts bytes of parts of a reply; false if they may not be held. The process counts them on its own. */
    boolean holdGathered(int bytes) {
        if (closed || earlyBytes + gatheredBytes + bytes > limits.maxHeldBytes()) {
            return false;
        }
        gatheredBytes += bytes;
        return true;
    }

    void releaseGathered(int bytes) {
        gatheredBytes -= bytes;
    }

    /** Brings the books of the event loop up to date; closes the client if it is over its bound. */
    public void settle(long unsent) {
        unsentBytes = unsent;
        if (closed) {
            return;
        }
        long held = unsent + earlyBytes + partialBytes;
        long expected = Math.min(expectedBytes(), limits.bufferBytes());
        if (held != countedHeld || expected != countedExpected) {
            worker.addClient(held - countedHeld, expected - countedExpected);
            countedHeld = held;
            countedExpected = expected;
            if (replyBytes() > limits.maxBufferBytes()) {
                closeOverBound();
            }
        }
    }

    // ---- what may be

    /** Whether no further request should be taken while this many replies are owed, here or not. */
    public boolean isFull(int inFlight) {
        return inFlight >= limits.maxInFlight() || replyBytes() + expectedBytes() >= windowBytes();
    }

    /** Whether requests may be taken again after a pause: half of what was not taken is, and some is expected. */
    public boolean hasRoom(int inFlight) {
        if (inFlight == 0 && unsentBytes == 0) {
            return true; // whatever others hold, one request at a time goes on
        }
        long window = windowBytes();
        return inFlight <= limits.maxInFlight() / 2
                && replyBytes() <= window / 2
                && replyBytes() + expectedBytes() + readEstimateBytes <= window;
    }

    private long windowBytes() {
        return Math.min(limits.bufferBytes(), worker.windowBytes());
    }

    private long expectedBytes() {
        return awaitedReads * readEstimateBytes + awaitedWrites * writeEstimateBytes;
    }

    private long replyBytes() {
        return unsentBytes + earlyBytes + gatheredBytes;
    }

    long readEstimateBytes() {
        return readEstimateBytes;
    }

    // ---- ends

    long heldBytes() {
        return closed ? 0 : replyBytes() + partialBytes;
    }

    boolean isTaking(long now) {
        return unsentBytes == 0 || now - sentAt < NOT_TAKING_NANOS;
    }

    private void closeOverBound() {
        worker.count(BudgetFigure.CLIENTS_OVER_BOUND);
        long held = heldBytes();
        close();
        holder.onEvicted(held, "it holds more than limits.client_buffer_max_bytes");
    }

    void evict() {
        worker.count(BudgetFigure.EVICTIONS);
        long held = heldBytes();
        close();
        holder.onEvicted(held, "the process holds more than limits.process_buffer_bytes");
    }

    /** The client is gone, or about to be. */
    public void close() {
        if (!closed) {
            closed = true;
            worker.closed(this);
            worker.addClient(-countedHeld, -countedExpected);
        }
    }
}
