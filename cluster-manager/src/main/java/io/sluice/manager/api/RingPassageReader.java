package io.sluice.manager.api;

import io.sluice.manager.change.RingPassage;
import io.sluice.manager.migration.BeginHandoff;
import io.sluice.routing.cluster.RingChange;
import io.sluice.routing.config.ScalarType;
import io.sluice.routing.config.YamlSection;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Reads how a ring gets to its next servers.
 *
 * <pre>
 *   {"window": "10m"}                      a cache
 *   {"broker": true, "grace": "30s"}       queues
 * </pre>
 */
final class RingPassageReader {

    private static final ScalarType<Duration> WINDOW =
            ScalarType.duration(Duration.ofSeconds(1), RingChange.MAX_WINDOW);
    private static final ScalarType<Duration> GRACE = ScalarType.duration(Duration.ofSeconds(1), RingChange.MAX_GRACE);

    private final YamlSection body;

    RingPassageReader(YamlSection body) {
        this.body = body;
    }

    /** Empty if the ring is to change at once. */
    Optional<RingPassage> ifAsked() {
        RingPassage read = always();
        return body.has("window") || read.kind() == RingChange.Kind.BROKER ? Optional.of(read) : Optional.empty();
    }

    /** A cache's, unless it says otherwise. */
    RingPassage always() {
        String id = body.optional("id", ChangeReader.ID).orElseGet(() -> BeginHandoff.newId(Instant.now()));
        boolean broker = body.value("broker", false, ScalarType.BOOLEAN);
        Duration window = body.value("window", RingChange.WINDOW, WINDOW);
        Duration grace = body.value("grace", RingChange.BROKER_GRACE, GRACE);
        if (broker) {
            body.reject("window", "found with 'broker'; expected one of them");
            return RingPassage.ofBroker(id, grace, Instant.now());
        }
        body.reject("grace", "found without 'broker'; expected both or neither");
        return RingPassage.ofCache(id, window, Instant.now());
    }
}
