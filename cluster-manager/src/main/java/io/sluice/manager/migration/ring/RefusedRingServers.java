package io.sluice.manager.migration.ring;

import java.util.List;

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
    public List<String> silentOldServers() {
        return List.of();
    }

    @Override
    public void close() {}
}
