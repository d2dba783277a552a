package io.sluice.proxy;

/** The proxy could not start; the message is one line for people. */
public final class ProxyStartException extends Exception {

    private static final long serialVersionUID = 1L;

    public ProxyStartException(String message) {
        super(message);
    }

    public ProxyStartException(String message, Throwable cause) {
        super(message, cause);
    }

    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}
