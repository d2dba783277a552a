package io.sluice.manager.redis;

import io.sluice.routing.config.AddressText;
import io.sluice.routing.topology.ServerAddress;
import java.util.List;
import java.util.Optional;

/** What a server answers when it is asked for its role. */
public sealed interface ServerRole {

    /** It takes writes. */
    record Primary() implements ServerRole {}

    /**
     * It follows another.
     *
     * @param of whom, by the name it was told
     * @param link {@code connected} if it is up to date, else what it does instead
     */
    record Replica(ServerAddress of, String link) implements ServerRole {}

    /** It does not say: it cannot be reached, wants a login, is no Redis server. */
    record Unknown(String reason) implements ServerRole {}

    /**
     * Reads a reply to ROLE.
     *
     * <pre>
     *   master OFFSET [[HOST PORT OFFSET] ...]
     *   slave HOST PORT LINK OFFSET
     *   sentinel [NAME ...]
     * </pre>
     */
    static ServerRole of(List<?> reply) {
        String word = reply.isEmpty() ? "" : String.valueOf(reply.get(0));
        return switch (word) {
            case "master" -> new Primary();
            case "slave" -> replica(reply).orElseGet(() -> new Unknown("gives a role that cannot be read"));
            case "sentinel" -> new Unknown("is a sentinel, no server");
            default -> new Unknown("gives a role that nobody knows");
        };
    }

    private static Optional<ServerRole> replica(List<?> reply) {
        if (reply.size() < 4) {
            return Optional.empty();
        }
        return AddressText.tcp(reply.get(1) + ":" + reply.get(2))
                .map(primary -> new Replica(primary, String.valueOf(reply.get(3))));
    }

    /** In a word or a few, for people. */
    default String text() {
        if (this instanceof Replica replica) {
            return "replica of " + replica.of();
        }
        return this instanceof Unknown unknown ? unknown.reason() : "primary";
    }
}
