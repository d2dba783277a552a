package io.sluice.manager.migration;

import io.sluice.manager.migration.engine.KeyFilter;
import java.time.Duration;
import java.util.Optional;

/** Moves nothing, because nothing here can: says why, and has done nothing that would have to be undone. */
record RefusedMover(String reason) implements Mover {

    @Override
    public void begin() {}

    @Override
    public boolean isCaughtUp() {
        return false;
    }

    @Override
    public Optional<Failure> failure() {
        return Optional.of(new Failure(false, reason));
    }

    @Override
    public Optional<String> drain(Duration limit) {
        return Optional.of(reason);
    }

    @Override
    public Optional<String> closeGate() {
        return Optional.of(reason);
    }

    @Override
    public void follow() {}

    /** This manager never wrote anything there. */
    @Override
    public Optional<String> purgeTarget(KeyFilter which) {
        return Optional.empty();
    }

    @Override
    public Optional<String> cleanSource() {
        return Optional.of(reason);
    }

    @Override
    public String progress() {
        return reason;
    }

    @Override
    public void close() {}
}
