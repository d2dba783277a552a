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
 * @param home where it lives: the same for all processes that one after the other have the same files; empty if it has
 *     none
 * @param holdsHome whether no other process can live there before this one has ended
 * @param databases of its servers in which the keys of a pool are, by pools of Redis; a proxy may say nothing of it
 */
public record ProxyRegistration(
        String incarnation,
        String version,
        String admin,
        Instant started,
        Map<String, String> pools,
        Duration steadyLease,
        String home,
        boolean holdsHome,
        Map<String, Integer> databases) {

    private static final ScalarType<Duration> LEASE = ScalarType.millis(Duration.ZERO, Duration.ofDays(1));
    private static final ScalarType<Instant> INSTANT =
            ScalarType.of("a time", "a time such as 2026-01-31T12:00:00Z", ProxyRegistration::instant);

    private static final ScalarType<Integer> DATABASE = ScalarType.integer(0, Integer.MAX_VALUE);

    public ProxyRegistration {
        pools = Map.copyOf(pools);
        databases = Map.copyOf(databases);
    }

    /** One without a home, that serves slots that are in no handoff for ever. */
    public ProxyRegistration(
            String incarnation, String version, String admin, Instant started, Map<String, String> pools) {
        this(incarnation, version, admin, started, pools, Duration.ZERO, "", false, Map.of());
    }

    public ProxyRegistration withSteadyLease(Duration lease) {
        return new ProxyRegistration(incarnation, version, admin, started, pools, lease, home, holdsHome, databases);
    }

    /** The same, with the databases that pools of Redis use. */
    public ProxyRegistration withDatabases(Map<String, Integer> others) {
        return new ProxyRegistration(incarnation, version, admin, started, pools, steadyLease, home, holdsHome, others);
    }

    /** The same process, in this home. */
    public ProxyRegistration in(String newHome, boolean isHeld) {
        return new ProxyRegistration(
                incarnation, version, admin, started, pools, steadyLease, newHome, isHeld, databases);
    }

    /** Whether it has ended for certain once another process holds this home. */
    public boolean holds(String thatHome) {
        return holdsHome && livesIn(thatHome);
    }

    /** Whether it lives there, alone or beside another process that it follows. */
    public boolean livesIn(String thatHome) {
        return !home.isEmpty() && home.equals(thatHome);
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
                document.value("steady_lease_ms", Duration.ZERO, LEASE),
                document.scalar("home", "an id").map(text -> text.text()).orElse(""),
                document.value("holds_home", false, ScalarType.BOOLEAN),
                databases(document));
        document.throwIfMistaken();
        return read;
    }

    private static Map<String, Integer> databases(YamlSection document) {
        Map<String, Integer> databases = new LinkedHashMap<>();
        document.section("databases", "numbers by pool")
                .ifPresent(section -> section.keys()
                        .forEach(pool ->
                                section.optional(pool, DATABASE).ifPresent(number -> databases.put(pool, number))));
        return databases;
    }

    public byte[] bytes() {
        return JsonLines.object(document -> {
                    document.add("incarnation", incarnation)
                            .add("version", version)
                            .add("admin", admin)
                            .add("started", started.toString())
                            .add("pools", (JsonLines of) -> pools.forEach(of::add));
                    if (!databases.isEmpty()) {
                        document.add("databases", (JsonLines of) -> databases.forEach(of::add));
                    }
                    if (!steadyLease.isZero()) {
                        document.add("steady_lease_ms", steadyLease.toMillis());
                    }
                    if (!home.isEmpty()) {
                        document.add("home", home).add("holds_home", holdsHome);
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
