package io.sluice.manager.migration.engine;

import java.util.Optional;

/**
 * Which engine moves the keys, and why: what {@code engine: auto} decides.
 *
 * @param engine the chosen one
 * @param reason a sentence for people
 */
public record EngineChoice(EngineKind engine, String reason) {

    private static final int STREAM_SINCE = 7;
    private static final int TRACKING_SINCE = 6;

    /** Asks both servers; empty if none will do, or one cannot be reached: {@link Preflight} says why then. */
    public static Optional<EngineChoice> between(RedisEndpoint source, RedisEndpoint target, boolean allKeys) {
        try {
            return choose(ServerFacts.read(source), ServerFacts.read(target), allKeys);
        } catch (CopyException e) {
            return Optional.empty();
        }
    }

    /** The best engine against which there is no objection. */
    static Optional<EngineChoice> choose(ServerFacts source, ServerFacts target, boolean allKeys) {
        if (allKeys
                && target.info().keys() == 0
                && objection(source, target, EngineKind.REPLICA).isEmpty()) {
            return Optional.of(new EngineChoice(
                    EngineKind.REPLICA, "everything moves and the target is empty: replication is exact and fastest"));
        }
        Optional<String> againstStream = objection(source, target, EngineKind.STREAM);
        if (againstStream.isEmpty()) {
            return Optional.of(new EngineChoice(
                    EngineKind.STREAM, "large and busy keys do no harm; costs one fork on a replica or the source"));
        }
        if (objection(source, target, EngineKind.TRACK).isEmpty()) {
            return Optional.of(new EngineChoice(
                    EngineKind.TRACK,
                    againstStream.get() + "; a key that is large and written all the time would stop it"));
        }
        return Optional.empty();
    }

    /** Why this engine cannot be used between these. */
    static Optional<String> objection(ServerFacts source, ServerFacts target, EngineKind engine) {
        return switch (engine) {
            case STREAM -> againstStream(source, target);
            case TRACK -> since(source, TRACKING_SINCE, "CLIENT TRACKING");
            case REPLICA ->
                target.mayConfigure() || source.server().password().isEmpty()
                        ? Optional.empty()
                        : Optional.of(target.server()
                                + " does not let us tell it the source's password (CONFIG SET masterauth)");
        };
    }

    private static Optional<String> againstStream(ServerFacts source, ServerFacts target) {
        if (!source.mayReplicate()) {
            return Optional.of(source.server() + " does not allow PSYNC");
        }
        if (!target.mayConfigure()) {
            return Optional.of(target.server() + " does not allow CONFIG SET notify-keyspace-events");
        }
        return since(source, STREAM_SINCE, "a stream with absolute expiry times");
    }

    private static Optional<String> since(ServerFacts source, int version, String what) {
        return source.version().atLeast(version)
                ? Optional.empty()
                : Optional.of(source.server() + " is version " + source.version() + ": " + what + " came with "
                        + version + ".0");
    }
}
