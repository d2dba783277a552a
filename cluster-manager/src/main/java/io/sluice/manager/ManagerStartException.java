package io.sluice.manager;

import java.io.Serial;

/** The manager cannot start, for a reason that people can do something about. */
public final class ManagerStartException extends Exception {

    @Serial
    private static final long serialVersionUID = 1;

    public ManagerStartException(String message) {
        super(message);
    }

    public ManagerStartException(String message, Throwable cause) {
        super(message, cause);
    }
}
