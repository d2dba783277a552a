package io.sluice.routing.cluster;

import io.sluice.routing.config.ConfigException;
import io.sluice.routing.config.ScalarType;
import io.sluice.routing.config.YamlReader;
import io.sluice.routing.config.YamlSection;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a proxy says of itself when it starts, at {@link ZnodePaths#proxy}.
 *
 * @param incarnation another one for each start of the process
 * @param version of the program
 * @param admin URL of its admin pages; empty if it has none
 * @param started when
 * @param pools the addresses at which it listens, by pool
 * @param steadyLease how long it serves slots that are in no handoff after a heartbeat that reached the quorum; zero for
 *     ever. What it says it obeys
 */
public record ProxyRegistration(
        String incarnation,
        String version,
        String admin,
        Instant started,
        Map<String, String> pools,
        Duration steadyLease) {

    private static final ScalarType<Duration> LEASE = ScalarType.millis(Duration.ZERO, Duration.ofDays(1));
    private static final ScalarType<Instant> INSTANT =
            ScalarType.of("a time", "a time such as 2026-01-31T12:00:00Z", ProxyRegistration::instant);

    public ProxyRegistration {
        pools = Map.copyOf(pools);
    }

    /** One that serves slots that are in no handoff for ever. */
    public ProxyRegistration(
            String incarnation, String version, String admin, Instant started, Map<String, String> pools) {
        this(incarnation, version, admin, started, pools, Duration.ZERO);
    }

    public ProxyRegistration withSteadyLease(Duration lease) {
        return new ProxyRegistration(incarnation, version, admin, started, pools, lease);
    }

    /** Reads it; keys that a later version may have are passed over. Throws a {@link ConfigException}. */
    public static ProxyRegistration parse(String name, byte[] bytes) {
        YamlSection document = YamlReader.parse(name, bytes);
        Map<String, String> pools = new LinkedHashMap<>();
        document.section("pools", "addresses by pool")
                .ifPresent(section -> section.keys()
                        .forEach(pool ->
                                section.optional(pool, ScalarType.TEXT).ifPresent(text -> pools.put(pool, text))));
        ProxyRegistration read = new ProxyRegistration(
                document.value("incarnation", "", ScalarType.TEXT),
                document.value("version", "", ScalarType.TEXT),
                document.scalar("admin", "a URL").map(text -> text.text()).orElse(""),
                document.value("started", Instant.EPOCH, INSTANT),
                pools,
                document.value("steady_lease_ms", Duration.ZERO, LEASE));
        document.throwIfMistaken();
        return read;
    }

    public byte[] bytes() {
        return JsonLines.object(document -> {
                    document.add("incarnation", incarnation)
                            .add("version", version)
                            .add("admin", admin)
                            .add("started", started.toString())
                            .add("pools", (JsonLines of) -> pools.forEach(of::add));
                    if (!steadyLease.isZero()) {
                        document.add("steady_lease_ms", steadyLease.toMillis());
                    }
                })
                .getBytes(StandardCharsets.UTF_8);
    }

    private static Optional<Instant> instant(String text) {
        try {
            return Optional.of(Instant.parse(text));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }
}
