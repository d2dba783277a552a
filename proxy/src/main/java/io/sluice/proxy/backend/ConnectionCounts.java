package io.sluice.proxy.backend;

import io.sluice.proxy.metrics.ServerCounters;
import io.sluice.proxy.metrics.ServerMetric;
import io.sluice.proxy.protocol.ErrorKind;
import io.sluice.proxy.transport.OutBuffer;

/**
 * What one server connection adds to the counters of its server. Event-loop only.
 *
 * <pre>
 *   appended ─▶ settled (a socket took it, or it was dropped) ─▶ answered (no reply is awaited any more)
 *      └─ in queue ─┘└──────────── out queue ────────────────────┘
 * </pre>
 */
final class ConnectionCounts {

    private final ServerCounters counters;
    private final OutBuffer out;
    private final InFlight inFlight;

    private long requests;
    private long settledRequests;

    // Totals of bytes, on the scale of the out buffer.
    private long appended;
    private long settled;
    private long answered; // end of the newest request that awaits nothing
    private long countedAnswered;
    private boolean unreachable;

    ConnectionCounts(ServerCounters counters, OutBuffer out, InFlight inFlight) {
        this.counters = counters;
        this.out = out;
        this.inFlight = inFlight;
    }

    /** Requests so far. */
    long requests() {
        return requests;
    }

    /** So many requests are sent once more. */
    void onRetry(int number) {
        counters.add(ServerMetric.RETRIES, number);
    }

    /** A request goes as a part of the one before it. */
    void onJoined() {
        counters.count(ServerMetric.JOINED_REQUESTS);
    }

    /** A connect has to wait for its turn. */
    void onConnectDelayed() {
        counters.count(ServerMetric.CONNECTS_DELAYED);
    }

    /** A request has been appended and is in flight. */
    void onRequest() {
        requests++;
        counters.count(ServerMetric.REQUESTS);
        countAppended();
    }

    private void countAppended() {
        long total = out.appended();
        counters.add(ServerMetric.REQUEST_BYTES, total - appended);
        appended = total;
    }

    /** The reply to the oldest request has come, which is still the oldest. */
    void onReply(long now) {
        answered = inFlight.end(0);
        counters.count(ServerMetric.REPLIES);
        counters.latency(now - inFlight.sentAt(0));
    }

    void onErrorReply() {
        counters.count(ServerMetric.ERROR_REPLIES);
    }

    /** Bytes of the server have been made use of. */
    void onBytes(int consumed) {
        counters.add(ServerMetric.REPLY_BYTES, consumed);
        countAnswered();
    }

    private void countAnswered() {
        counters.add(ServerMetric.REQUEST_BYTES_ANSWERED, answered - countedAnswered);
        countedAnswered = answered;
    }

    /** The oldest request, which is still the oldest, will never get its reply. */
    void onLost() {
        answered = inFlight.end(0);
        counters.count(ServerMetric.LOST);
    }

    /** The requester was told so. */
    void onError(ErrorKind kind) {
        counters.error(kind);
    }

    /** Deadlines were found to have passed. */
    void onTimeout() {
        counters.count(ServerMetric.TIMEOUTS);
    }

    /** So much waits to be sent now, and all before it does not any more. */
    void settle(long unsentBytes) {
        countAppended();
        long nowSettled = appended - unsentBytes;
        counters.add(ServerMetric.REQUEST_BYTES_SETTLED, nowSettled - settled);
        settled = nowSettled;
        long nowSettledRequests = requests - inFlight.endingBeyond(nowSettled);
        counters.add(ServerMetric.REQUESTS_SETTLED, nowSettledRequests - settledRequests);
        settledRequests = nowSettledRequests;
        countAnswered();
    }

    void onOpen() {
        counters.count(ServerMetric.CONNECTIONS_OPENED);
    }

    /** A socket that was open is not any more. */
    void onClosed() {
        counters.count(ServerMetric.CONNECTIONS_CLOSED);
    }

    /** The same, since nobody used it. */
    void onIdle() {
        onClosed();
        counters.count(ServerMetric.IDLE_CLOSED);
    }

    void onConnectFailed() {
        counters.count(ServerMetric.CONNECT_FAILURES);
    }

    /** No connection came about, or one that never answered. */
    void onUnreachable() {
        if (!unreachable) {
            unreachable = true;
            counters.count(ServerMetric.UNREACHABLE_BEGUN);
        }
    }

    /** A connection can be used. */
    void onReady() {
        if (unreachable) {
            unreachable = false;
            counters.count(ServerMetric.UNREACHABLE_ENDED);
        }
    }

    void onLostConnection(boolean closedByServer) {
        counters.count(closedByServer ? ServerMetric.CLOSED_BY_SERVER : ServerMetric.GIVEN_UP);
    }
}
