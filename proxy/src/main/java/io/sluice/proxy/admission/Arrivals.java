package io.sluice.proxy.admission;

/** Hears of clients that are not in yet. Called on the event loop that is to serve them. */
public interface Arrivals {

    /** Whether one more client may come now; if not, that has been counted. */
    boolean mayCome();

    /** A client was closed before it came in. */
    void onRefused(Refusal refusal, String peer);

    /** TLS has been agreed on. */
    void onHandshake();

    /** It has not; the connection is closed. */
    void onHandshakeFailed(HandshakeFailure failure, String peer, String cause);
}
