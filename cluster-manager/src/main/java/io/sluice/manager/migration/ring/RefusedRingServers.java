package io.sluice.manager.migration.ring;

import java.util.Optional;

/** Servers that the manager cannot do anything at; it says why. */
record RefusedRingServers(String reason) implements RingServers {

    @Override
    public long sweep() throws RingServerException {
        throw new RingServerException(reason);
    }

    @Override
    public Holdings holdings() throws RingServerException {
        throw new RingServerException(reason);
    }

    @Override
    public Optional<Silent> silentGiver() {
        return Optional.empty();
    }

    @Override
    public void close() {}
}
