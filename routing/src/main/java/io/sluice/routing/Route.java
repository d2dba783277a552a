package io.sluice.routing;

import io.sluice.routing.topology.Server;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Where one key goes and why, for people: what {@code explain} prints.
 *
 * @param hashedPart the tag or the whole key; bytes that are not printable ASCII as {@code \xNN}
 * @param taggedPart whether that is a tag
 * @param hash the unsigned hash value, 0 where nothing is hashed
 * @param decidedBy ketama: the point of the ring; modula: the place in the weighted list; slots: the slot; -1 if none
 * @param positions how many points, places or slots there are
 * @param owner the server; null when nobody who is live owns the key
 */
public record Route(
        String hashedPart,
        boolean taggedPart,
        long hash,
        long decidedBy,
        long positions,
        @Nullable Server owner) {

    /** Empty when nobody who is live owns the key. */
    public Optional<Server> server() {
        return Optional.ofNullable(owner);
    }

    /** The point, place or slot; empty where there is none, as with random. */
    public OptionalLong position() {
        return decidedBy < 0 ? OptionalLong.empty() : OptionalLong.of(decidedBy);
    }
}
