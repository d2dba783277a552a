package io.sluice.proxy.health;

import io.sluice.routing.topology.Server;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Asks servers, out of band, whether they serve. Thread-safe. */
public interface Prober {

    /**
     * Connects, asks once and closes, all within a bounded time; returns at once.
     *
     * @param done told once: null if the server serves, else why not
     */
    void probe(Server server, Consumer<@Nullable String> done);
}
