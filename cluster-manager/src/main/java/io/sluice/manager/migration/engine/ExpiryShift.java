package io.sluice.manager.migration.engine;

import io.sluice.manager.migration.engine.CopyFailure.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Moves the absolute expiry times in commands of a stream from the source's clock to the target's. Immutable. */
record ExpiryShift(ClockSkew skew) {

    private static final byte[] PEXPIREAT = RedisLink.ascii("PEXPIREAT");
    private static final byte[] PXAT = RedisLink.ascii("PXAT");

    /** A server from 7.0 on sends absolute times instead. */
    private static final Set<String> RELATIVE =
            Set.of("expire", "pexpire", "setex", "psetex", "hexpire", "hpexpire", "hsetex", "hgetex");

    /**
     * A command with its expiry moved.
     *
     * @param expiresAt by the target's clock; 0 if the command sets none
     */
    record Shifted(List<byte[]> parts, long expiresAt) {}

    Shifted apply(String name, List<byte[]> parts) throws CopyException {
        if (RELATIVE.contains(name)) {
            throw relative(name);
        }
        return switch (name) {
            case "pexpireat" -> at(parts, 2, number(parts, 2), PEXPIREAT, 0);
            case "expireat" -> at(parts, 2, number(parts, 2) * 1000, PEXPIREAT, 0);
            case "hpexpireat" -> fields(parts);
            case "set" -> set(parts);
            case "restore" -> restore(parts);
            default -> new Shifted(parts, 0);
        };
    }

    private Shifted at(List<byte[]> parts, int index, long millis, byte[] word, int wordIndex) {
        long shifted = skew.onTarget(millis);
        List<byte[]> changed = new ArrayList<>(parts);
        changed.set(index, RedisLink.ascii(shifted));
        changed.set(wordIndex, word);
        return new Shifted(changed, shifted);
    }

    /** Fields of a hash expire, not the key. */
    private Shifted fields(List<byte[]> parts) throws CopyException {
        Shifted shifted = at(parts, 2, number(parts, 2), parts.get(0), 0);
        return new Shifted(shifted.parts, 0);
    }

    private Shifted set(List<byte[]> parts) throws CopyException {
        for (int i = 3; i < parts.size(); i++) {
            switch (word(parts, i)) {
                case "pxat" -> {
                    return at(parts, i + 1, number(parts, i + 1), PXAT, i);
                }
                case "exat" -> {
                    return at(parts, i + 1, number(parts, i + 1) * 1000, PXAT, i);
                }
                case "px", "ex" -> throw relative("set");
                default -> {} // GET, KEEPTTL, NX, XX
            }
        }
        return new Shifted(parts, 0);
    }

    private Shifted restore(List<byte[]> parts) throws CopyException {
        long at = number(parts, 2);
        if (at == 0) {
            return new Shifted(parts, 0);
        }
        for (int i = 4; i < parts.size(); i++) {
            if (word(parts, i).equals("absttl")) {
                return at(parts, 2, at, parts.get(0), 0);
            }
        }
        throw relative("restore");
    }

    private static String word(List<byte[]> parts, int index) {
        return CommandKeys.lower(CommandKeys.text(parts.get(index)));
    }

    private static long number(List<byte[]> parts, int index) throws CopyException {
        String text = parts.size() > index ? CommandKeys.text(parts.get(index)) : "";
        if (!text.matches("-?\\d{1,18}")) {
            throw new CopyException(Kind.REFUSED, "The source's stream has an expiry that is no number");
        }
        return Long.parseLong(text);
    }

    private static CopyException relative(String name) {
        return new CopyException(
                Kind.UNSUITABLE,
                "The source sends expiry times that are relative (" + name
                        + "): it is older than 7.0; use the tracking engine");
    }
}
