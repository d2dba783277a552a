package io.sluice.proxy.topology;

/** A topology that this proxy cannot serve; the message says why, one line for each reason. */
public final class TopologyRefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    public TopologyRefusedException(String message) {
        super(message);
    }

    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}
