package io.sluice.proxy.session;

import io.sluice.proxy.metrics.PoolCounters;
import io.sluice.proxy.metrics.PoolMetric;
import io.sluice.proxy.protocol.ErrorKind;
import io.sluice.proxy.transport.LoopClock;
import io.sluice.proxy.transport.OutBuffer;

/** What one client adds to the counters of its pool. Event-loop only. */
final class ClientCounts {

    private final PoolCounters counters;
    private final LoopClock clock;
    private final OutBuffer out;
    private long appended;
    private long settled;
    private boolean brokeProtocol;

    ClientCounts(PoolCounters counters, LoopClock clock, OutBuffer out) {
        this.counters = counters;
        this.clock = clock;
        this.out = out;
    }

    void onAccepted() {
        counters.count(PoolMetric.CLIENTS_ACCEPTED);
    }

    /** It has been silent for too long, and is being closed for it. */
    void onIdle() {
        counters.count(PoolMetric.CLIENTS_IDLE);
    }

    /** Bytes of the client have been made use of. */
    void onBytes(int consumed) {
        counters.add(PoolMetric.REQUEST_BYTES, consumed);
    }

    /** When a reply is owed from, for {@link #onReply}. */
    long now() {
        return clock.nanos();
    }

    /** A request has been taken; if it waits it is offered again. Its reply may have been counted already. */
    void onRequest() {
        counters.count(PoolMetric.REQUESTS);
    }

    /** All of a reply is in the out buffer. */
    void onReply(long owedSince) {
        counters.count(PoolMetric.REPLIES);
        counters.latency(clock.nanos() - owedSince);
    }

    void onError(ErrorKind kind) {
        counters.error(kind);
    }

    void onFailedLogin() {
        counters.count(PoolMetric.FAILED_LOGINS);
    }

    void onProtocolError() {
        brokeProtocol = true;
        counters.error(ErrorKind.PROTOCOL);
        counters.count(PoolMetric.PROTOCOL_ERRORS);
    }

    void onEvicted() {
        counters.count(PoolMetric.CLIENTS_EVICTED);
    }

    /** Something has been put into the out buffer. */
    void onAppended() {
        long total = out.appended();
        counters.add(PoolMetric.REPLY_BYTES, total - appended);
        appended = total;
    }

    /** So much waits to be sent now, and all before it does not any more. */
    void settle(long unsentBytes) {
        onAppended();
        long nowSettled = appended - unsentBytes;
        counters.add(PoolMetric.REPLY_BYTES_SETTLED, nowSettled - settled);
        settled = nowSettled;
    }

    /** So many replies that were owed will not be written. */
    void onAbandoned(int replies) {
        counters.add(PoolMetric.ABANDONED, replies);
        settle(0);
    }

    /** The client, which had been accepted, is gone. */
    void onClosed(boolean asAgreed) {
        counters.count(PoolMetric.CLIENTS_CLOSED);
        if (asAgreed && !brokeProtocol) {
            counters.count(PoolMetric.CLIENTS_ENDED);
        }
    }
}
