package io.sluice.routing.cluster;

import io.sluice.routing.config.PoolDefinitionReader;
import io.sluice.routing.config.ScalarType;
import io.sluice.routing.config.YamlScalar;
import io.sluice.routing.config.YamlSection;
import io.sluice.routing.distribution.DistributionKind;
import io.sluice.routing.topology.PoolProtocol;
import io.sluice.routing.topology.Server;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Reads the change of a ring; harmless values where something is wrong, which the section remembers. */
final class RingChangeReader {

    private static final ScalarType<RingChange.Kind> KIND =
            ScalarType.oneOf("a kind of change", List.of(RingChange.Kind.values()), RingChange.Kind::word);
    private static final ScalarType<RingChangeState> STATE =
            ScalarType.oneOf("a state", List.of(RingChangeState.values()), RingChangeState::name);
    private static final ScalarType<Duration> LEASE = ScalarType.millis(Duration.ofMillis(1), TopologyReader.MAX_LEASE);
    private static final ScalarType<Duration> WINDOW = ScalarType.millis(Duration.ofMillis(1), RingChange.MAX_WINDOW);
    private static final ScalarType<Duration> GRACE = ScalarType.millis(Duration.ofMillis(1), RingChange.MAX_GRACE);

    private RingChangeReader() {}

    static RingChange read(RingPool pool, YamlSection section) {
        RingChange.Kind kind = section.value("kind", RingChange.Kind.CACHE, KIND);
        section.required("kind", "cache or broker");
        section.required(
                "state", "a state"); // where a proxy took one that is past for now, keys would be where nobody looks
        section.required("since", "the epoch of the version that brought the state");
        RingChange change = new RingChange(
                id(section),
                kind,
                section.value("state", RingChangeState.PREPARE, STATE),
                PoolDefinitionReader.servers(section, "next"),
                section.value("back", false, ScalarType.BOOLEAN),
                section.value("turning", false, ScalarType.BOOLEAN),
                section.value("since", 0L, TopologyReader.COUNT),
                Instant.ofEpochMilli(section.value("entered_ms", 0L, TopologyReader.COUNT)),
                section.value("lease_ms", Handoff.LEASE, LEASE),
                section.value("window_ms", RingChange.WINDOW, WINDOW),
                section.value(
                        "grace_ms",
                        kind == RingChange.Kind.CACHE ? RingChange.CLOSING : RingChange.BROKER_GRACE,
                        GRACE));
        section.rejectUnknownKeys();
        rejectImpossible(pool, section, change);
        return change;
    }

    private static String id(YamlSection section) {
        String id = section.required("id", "a name").map(YamlScalar::text).orElse("");
        if (!id.isEmpty() && !TopologyReader.isName(id)) {
            section.mistake("id", "is no name; expected " + TopologyReader.NAME_FORM);
        }
        return id;
    }

    private static void rejectImpossible(RingPool pool, YamlSection section, RingChange change) {
        if (!change.state().isOf(change.kind())) {
            section.mistake("state", "a " + change.kind().word() + " is never in state " + change.state());
        }
        if (change.back() && change.turning()) {
            section.mistake("turning", "it is on its way back already");
        }
        if (change.kind() == RingChange.Kind.BROKER && pool.protocol() != PoolProtocol.REDIS) {
            section.mistake("kind", "queues are in pools of protocol redis; expected cache");
        }
        if (pool.definition().distribution() == DistributionKind.RANDOM) {
            section.mistake("no key of a pool with random distribution has an owner; expected no change");
        }
        for (Server next : change.next()) {
            pool.definition().servers().stream()
                    .filter(old ->
                            old.name().equals(next.name()) != old.address().equals(next.address()))
                    .forEach(old -> section.mistake(
                            "next",
                            "'" + next.name() + "' at " + next.address() + " is '" + old.name() + "' at "
                                    + old.address() + " in the pool; expected the same name and address in both"));
        }
    }
}
