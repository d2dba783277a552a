package io.sluice.proxy.protocol;

/** The peer broke the protocol: what follows in its stream cannot be trusted, so its connection is closed. */
public final class ProtocolException extends Exception {

    private static final long serialVersionUID = 1L;

    /** The message says what was found and what was expected; clients may see it. */
    public ProtocolException(String message) {
        super(message, null, false, false);
    }

    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}
