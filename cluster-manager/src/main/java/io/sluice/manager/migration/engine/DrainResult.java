package io.sluice.manager.migration.engine;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What became of a drain.
 *
 * @param took how long
 * @param error null if the target now holds everything; else why not
 */
public record DrainResult(Duration took, @Nullable CopyFailure error) {

    public boolean isComplete() {
        return error == null;
    }

    public Optional<CopyFailure> failure() {
        return Optional.ofNullable(error);
    }
}
