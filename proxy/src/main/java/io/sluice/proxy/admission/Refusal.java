package io.sluice.proxy.admission;

/** Why a client is turned away before it has asked anything. */
public enum Refusal {
    /** The process has as many clients as it may. */
    PROCESS_FULL("max number of clients reached (limits.max_clients)"),
    /** The pool has. */
    POOL_FULL("max number of clients reached (max_clients of the pool)"),
    /** The clients of one address are as many as they may be. */
    ADDRESS_FULL("max number of clients of one address reached (max_clients_per_address)"),
    /** Too many came in too short a time. */
    TOO_FAST("too many new clients at once (accept_rate)"),
    /** It does not begin with a PROXY header as it should. */
    HEADER_MALFORMED("no PROXY protocol header as configured (proxy_protocol)"),
    /** Its PROXY header did not come in time. */
    HEADER_LATE("no PROXY protocol header in time (proxy_protocol_timeout)"),
    /** Only those who may speak for others are served, and it is none of them. */
    HEADER_UNTRUSTED("not a trusted source of the PROXY protocol (proxy_protocol_from)");

    private final String text;

    Refusal(String text) {
        this.text = text;
    }

    /** What the client is told, without the first words of its protocol. */
    public String text() {
        return text;
    }
}
