package io.sluice.manager.embedded;

import java.io.Serial;

/** The embedded ZooKeeper cannot start, for a reason that people can do something about. */
public final class EmbeddedStartException extends Exception {

    @Serial
    private static final long serialVersionUID = 1;

    EmbeddedStartException(String message) {
        super(message);
    }

    EmbeddedStartException(String message, Throwable cause) {
        super(message, cause);
    }
}
