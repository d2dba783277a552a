package io.sluice.manager.migration.engine;

import io.sluice.manager.migration.engine.MaintenanceConnection.Purpose;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What is looked at before anything moves. */
public final class Preflight {

    /** The target's memory is full enough at this share of its maxmemory. */
    static final double FULL = 0.9;

    /** Estimates are wrong by about so much. */
    static final double SAFETY = 1.2;

    private final List<Finding> findings = new ArrayList<>();

    private Preflight() {}

    /**
     * One thing that was found.
     *
     * @param refuses whether the move must not begin
     * @param message what it is, and what to do
     */
    public record Finding(boolean refuses, String message) {}

    /**
     * Asks both servers and judges; nothing is changed there. Blocks for some round trips.
     *
     * @param share of the source's keys that will move, 0 to 1
     * @param wanted the engine that shall be used; empty findings about others do not help
     */
    public static List<Finding> run(RedisEndpoint source, RedisEndpoint target, double share, EngineKind wanted) {
        try (RedisLink from = RedisLink.open(source, Purpose.READ, readsOnly -> true);
                RedisLink to = RedisLink.open(target, Purpose.READ, readsOnly -> true)) {
            ServerFacts facts = ServerFacts.read(from);
            long bytes = (long) (share * facts.number("used_memory_dataset"));
            return check(facts, ServerFacts.read(to), ClockSkew.measure(from, to), bytes, wanted);
        } catch (CopyException e) {
            return List.of(new Finding(true, e.failure().message()));
        }
    }

    static List<Finding> check(ServerFacts source, ServerFacts target, ClockSkew skew, long bytes, EngineKind wanted) {
        Preflight preflight = new Preflight();
        preflight.roles(source, target);
        preflight.versions(source, target);
        preflight.memory(source, target, bytes);
        preflight.clocks(source, target, skew);
        preflight.functions(source, target);
        preflight.engine(source, target, wanted);
        return List.copyOf(preflight.findings);
    }

    private void roles(ServerFacts source, ServerFacts target) {
        for (ServerFacts server : List.of(source, target)) {
            if (!server.isMaster()) {
                refuse(server.server() + " is a " + server.info().text("role") + ", a master is needed");
            }
            if (server.number("loading") == 1) {
                refuse(server.server() + " still loads its data set; try again when it has");
            }
        }
        if (source.info().text("run_id").equals(target.info().text("run_id"))) {
            refuse(source.server() + " and " + target.server() + " are the same server");
        }
        if (target.info().text("redis_mode").equals("cluster")) {
            refuse(target.server() + " runs in cluster mode and answers for its own slots only");
        }
    }

    private void versions(ServerFacts source, ServerFacts target) {
        if (target.version().compareTo(source.version()) < 0) {
            refuse(target.server() + " is version " + target.version() + ", older than " + source.server() + " with "
                    + source.version() + ": it cannot read its values");
        }
    }

    private void memory(ServerFacts source, ServerFacts target, long bytes) {
        long most = target.number("maxmemory");
        double expected = target.number("used_memory") + bytes * SAFETY;
        if (most > 0 && expected > most * FULL) {
            refuse(target.server() + " would be full: " + mib(target.number("used_memory")) + " used, " + mib(bytes)
                    + " to come, maxmemory " + mib(most));
        }
        for (ServerFacts server : List.of(source, target)) {
            String policy = server.info().text("maxmemory_policy");
            if (server.number("maxmemory") > 0 && !policy.equals("noeviction")) {
                warn(server.server() + " has maxmemory-policy " + policy
                        + ": it may drop keys by itself, and a copy that finds it doing so stops");
            }
        }
    }

    private static String mib(long bytes) {
        return (bytes >> 20) + " MiB";
    }

    private void clocks(ServerFacts source, ServerFacts target, ClockSkew skew) {
        if (skew.tooLarge()) {
            refuse("The clocks of " + source.server() + " and " + target.server() + " differ by " + skew.micros() / 1000
                    + " ms, at most " + ClockSkew.MOST_MILLIS
                    + " ms are allowed: expiry times would be wrong; look at NTP");
        }
    }

    private void functions(ServerFacts source, ServerFacts target) {
        Set<String> missing = new TreeSet<>(source.libraries());
        missing.removeAll(target.libraries());
        if (!missing.isEmpty()) {
            refuse("Function libraries are missing on " + target.server() + ": " + String.join(", ", missing)
                    + "; load them there first (FUNCTION DUMP, FUNCTION RESTORE)");
        }
    }

    private void engine(ServerFacts source, ServerFacts target, EngineKind wanted) {
        EngineChoice.objection(source, target, wanted).ifPresent(this::refuse);
    }

    private void refuse(String message) {
        findings.add(new Finding(true, message));
    }

    private void warn(String message) {
        findings.add(new Finding(false, message));
    }
}
