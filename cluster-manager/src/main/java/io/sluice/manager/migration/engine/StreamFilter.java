package io.sluice.manager.migration.engine;

import io.sluice.manager.migration.engine.CopyFailure.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Decides for each command of the source's stream whether it goes to the target. What cannot be decided stops the copy: a
 * guess could lose a write. Not thread-safe: it remembers which database is selected.
 */
final class StreamFilter {

    /** They change nothing that moves. */
    private static final Set<String> NOT_DATA =
            Set.of("ping", "replconf", "publish", "spublish", "script", "multi", "exec");

    private static final Set<String> WHOLE_SERVER = Set.of("flushall", "flushdb", "swapdb", "function");

    /** With keys on both sides these mean the same when the others are left out. */
    private static final Set<String> DIVISIBLE = Set.of("del", "unlink", "mset");

    private static final Set<String> FINAL = Set.of("del", "unlink", "set", "mset", "restore");

    private final KeyFilter moving;
    private final CommandKeys commands;
    private ExpiryShift expiry;
    private int database;

    StreamFilter(KeyFilter moving, CommandKeys commands, ExpiryShift expiry) {
        this.moving = moving;
        this.commands = commands;
        this.expiry = expiry;
    }

    /** What the target is to be sent for this command; empty if nothing. */
    Optional<Frame> apply(List<byte[]> parts, long offset) throws CopyException {
        String name = CommandKeys.lower(CommandKeys.text(parts.get(0)));
        if (name.equals("select") && parts.size() == 2) {
            database = Integer.parseInt(CommandKeys.text(parts.get(1)));
            return Optional.empty();
        }
        if (NOT_DATA.contains(name)) {
            return Optional.empty();
        }
        if (WHOLE_SERVER.contains(name)) {
            throw new CopyException(
                    Kind.SOURCE_CHANGED,
                    "The source executed " + name + ", which cannot be followed for some keys only: copy again");
        }
        List<Integer> keys = keys(name, parts);
        long count = keys.stream().filter(key -> moving.moves(parts.get(key))).count();
        if (count == 0) {
            return Optional.empty();
        }
        if (name.equals("move")) {
            throw new CopyException(Kind.SOURCE_CHANGED, "The source executed MOVE with a key that moves: copy again");
        }
        if (count < keys.size()) {
            return Optional.of(divided(name, parts, keys, offset));
        }
        return Optional.of(frame(name, parts, keys, offset));
    }

    private List<Integer> keys(String name, List<byte[]> parts) throws CopyException {
        List<Integer> keys = commands.in(parts).orElse(List.of());
        if (keys.isEmpty()) {
            throw new CopyException(
                    Kind.UNSUITABLE,
                    "The source executed " + name
                            + ", and it is not known which keys that changes; use the tracking engine");
        }
        return keys;
    }

    private Frame divided(String name, List<byte[]> parts, List<Integer> keys, long offset) throws CopyException {
        if (!DIVISIBLE.contains(name)) {
            throw new CopyException(
                    Kind.UNSUITABLE,
                    "The source executed " + name
                            + " with keys that move and keys that stay; such commands do not pass the proxies: find who sends them,"
                            + " or use the tracking engine");
        }
        int width = name.equals("mset") ? 2 : 1;
        List<byte[]> kept = new ArrayList<>(List.of(parts.get(0)));
        List<Integer> keptKeys = new ArrayList<>();
        for (int key : keys) {
            if (moving.moves(parts.get(key))) {
                keptKeys.add(kept.size());
                kept.addAll(parts.subList(key, key + width));
            }
        }
        return frame(name, kept, keptKeys, offset);
    }

    private Frame frame(String name, List<byte[]> parts, List<Integer> keys, long offset) throws CopyException {
        ExpiryShift.Shifted shifted = expiry.apply(name, parts);
        return new Frame(kind(name, parts, keys), database, offset, shifted.expiresAt(), keys, shifted.parts());
    }

    private static Frame.Kind kind(String name, List<byte[]> parts, List<Integer> keys) {
        if (FINAL.contains(name) && !keepsExpiry(name, parts)) {
            return Frame.Kind.FINAL;
        }
        return keys.size() > 1 ? Frame.Kind.SEVERAL : Frame.Kind.CHANGE;
    }

    private static boolean keepsExpiry(String name, List<byte[]> parts) {
        return name.equals("set")
                && parts.stream()
                        .skip(3)
                        .anyMatch(part ->
                                CommandKeys.lower(CommandKeys.text(part)).equals("keepttl"));
    }

    int database() {
        return database;
    }
}
