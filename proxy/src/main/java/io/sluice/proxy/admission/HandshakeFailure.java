package io.sluice.proxy.admission;

/** Why no TLS came about with a client. */
public enum HandshakeFailure {
    /** It took too long. */
    LATE,
    /** The client closed in the middle of it. */
    CLOSED,
    /** Its certificate is missing or not believed; or it does not believe ours, and says so. */
    CERTIFICATE,
    /** What it sent is not TLS, or no version or cipher that is spoken here. */
    PROTOCOL
}
