package io.sluice.proxy;

/** A proxy that could not start; the message is one line for people, such as which address is taken. */
public final class ProxyStartException extends Exception {

    private static final long serialVersionUID = 1L;

    public ProxyStartException(String message) {
        super(message);
    }
}
