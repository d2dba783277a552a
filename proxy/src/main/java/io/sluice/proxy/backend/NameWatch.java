package io.sluice.proxy.backend;

import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks the names of a pool's servers up again, now and then, for the sake of connections that are open: a new one looks
 * up by itself. Event-loop only.
 */
final class NameWatch {

    private static final Logger log = LoggerFactory.getLogger(NameWatch.class);

    private final BackendPools pools;
    private boolean watching;

    NameWatch(BackendPools pools) {
        this.pools = pools;
    }

    /** There may be a name. */
    void watch() {
        @Nullable Duration interval = pools.settings().resolveInterval();
        if (interval != null && !watching && pools.inUse().stream().anyMatch(Backend::hasName)) {
            watching = true;
            pools.loop().schedule(this::look, interval);
        }
    }

    private void look() {
        watching = false;
        if (!pools.isClosing() && pools.settings().resolveInterval() != null) { // which may have changed
            pools.inUse().stream().filter(Backend::hasName).forEach(this::lookUp);
        }
        if (!pools.isClosing()) {
            watch();
        }
    }

    /** A name that is not known at the moment proves nothing about its connections. */
    private void lookUp(Backend backend) {
        pools.loop()
                .lookUp(
                        backend.address(),
                        found -> backend.onAddresses(Set.copyOf(found)),
                        cause -> log.debug(
                                "Name not found, its connections stay: pool={} server={} cause={}",
                                backend.pool(),
                                backend.name(),
                                cause.getMessage()));
    }
}
