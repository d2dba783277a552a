package io.sluice.manager.migration.engine;

import io.sluice.manager.migration.engine.CopyFailure.Kind;
import java.io.Serial;

/** Carries a failure to the one place in an engine that makes a value of it; does not leave this package. */
final class CopyException extends Exception {

    @Serial
    private static final long serialVersionUID = 1;

    private final transient CopyFailure failure;

    CopyException(Kind kind, String message) {
        this(new CopyFailure(kind, message));
    }

    CopyException(CopyFailure failure) {
        super(failure.message());
        this.failure = failure;
    }

    CopyFailure failure() {
        return failure;
    }
}
