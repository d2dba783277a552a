package io.sluice.manager.migration.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisDataException;

/** Says how a key differs between two servers: type, expiry, value. One thread. */
final class ValueComparison {

    /** Expiry times may differ by this, apart from the clocks and the margin. */
    private static final long EXPIRY_TOLERANCE_MILLIS = 50;

    /** Larger values are compared by the number of their elements: reading one whole would stall the server. */
    private static final long MOST_BYTES = 1 << 20;

    private static final String NONE = "none";

    private static final byte[] USAGE = RedisLink.ascii("USAGE");

    private static final RawCommand DEBUG = RawCommand.of("DEBUG");

    private final RedisLink source;
    private final RedisLink target;
    private final ClockSkew skew;
    private final long later;
    private boolean hasDebug = true;

    /**
     * Engines differ in how much later a key expires on the target.
     *
     * @param skew by what expiry times were moved, so that the margin is the one that they got; where that is not known, as
     *     measured now
     */
    ValueComparison(RedisLink source, RedisLink target, ClockSkew skew, EngineKind engine) {
        this.source = source;
        this.target = target;
        this.skew = skew;
        this.later = engine == EngineKind.REPLICA ? -skew.micros() / 1000 : skew.marginMillis();
    }

    Optional<String> difference(int database, byte[] key) throws CopyException {
        source.call(Command.SELECT, RedisLink.ascii(database));
        target.call(Command.SELECT, RedisLink.ascii(database));
        String type = CommandKeys.text(source.call(Command.TYPE, key));
        String other = CommandKeys.text(target.call(Command.TYPE, key));
        if (!type.equals(other) && !hasExpired(key)) {
            return Optional.of("a " + type + " on the source, a " + other + " on the target");
        }
        if (type.equals(NONE) || other.equals(NONE)) {
            return Optional.empty();
        }
        Optional<String> expiry = expiry(key);
        return expiry.isPresent() ? expiry : value(type, key);
    }

    /** Gone from the source, and about to go from the target, which is meant to expire keys a little later. */
    private boolean hasExpired(byte[] key) throws CopyException {
        if (!isGone(source, key)) {
            return false;
        }
        long left = number(target.ask(Command.PTTL, key));
        return isGone(target, key) || (left >= 0 && left <= later + toleranceMillis());
    }

    private static boolean isGone(RedisLink link, byte[] key) throws CopyException {
        return CommandKeys.text(link.call(Command.TYPE, key)).equals(NONE);
    }

    private long toleranceMillis() {
        return EXPIRY_TOLERANCE_MILLIS + skew.errorMicros() / 1000;
    }

    private Optional<String> expiry(byte[] key) throws CopyException {
        long begin = System.nanoTime();
        long from = number(source.ask(Command.PTTL, key));
        long to = number(target.ask(Command.PTTL, key));
        if (from < 0 || to < 0) {
            return (from < 0) == (to < 0) ? Optional.empty() : Optional.of("expires on one side only");
        }
        long apart = Math.abs(to - from - later);
        long asked = (System.nanoTime() - begin) / 1_000_000;
        return apart <= toleranceMillis() + asked ? Optional.empty() : Optional.of("expires " + apart + " ms apart");
    }

    // ---- many at once

    /** What one server says of a key. */
    private record Look(String type, long expiresIn, long bytes) {}

    /**
     * Keys that are not certainly the same on both sides.
     *
     * @param unlike those of another type, or with another expiry
     * @param unclear those whose values are large, or are not stored in the same way
     */
    record Doubts(List<byte[]> unlike, List<byte[]> unclear) {}

    /** Of these keys of a database: a few round trips for all of them. Values over {@code mostBytes} are unclear. */
    Doubts doubtful(int database, List<byte[]> keys, long mostBytes) throws CopyException {
        List<byte[]> unlike = new ArrayList<>();
        List<byte[]> unclear = new ArrayList<>();
        List<byte[]> small = new ArrayList<>();
        for (RedisLink side : List.of(source, target)) {
            side.call(Command.SELECT, RedisLink.ascii(database));
        }
        List<Look> here = looks(source, keys);
        List<Look> there = looks(target, keys);
        for (int i = 0; i < keys.size(); i++) {
            Look one = here.get(i);
            List<byte[]> alike = one.bytes <= mostBytes ? small : unclear;
            (isAlike(one, there.get(i)) ? alike : unlike).add(keys.get(i));
        }
        List<@Nullable Object> from = dumps(source, small);
        List<@Nullable Object> to = dumps(target, small);
        for (int i = 0; i < small.size(); i++) {
            if (!same(from.get(i), to.get(i))) {
                unclear.add(small.get(i)); // the same content may be stored in another order
            }
        }
        return new Doubts(unlike, unclear);
    }

    private boolean isAlike(Look one, Look other) {
        boolean bothStay = one.expiresIn < 0 && other.expiresIn < 0;
        boolean bothGo = one.expiresIn >= 0 && other.expiresIn >= 0;
        return one.type.equals(other.type)
                && (bothStay || (bothGo && Math.abs(other.expiresIn - one.expiresIn - later) <= toleranceMillis()));
    }

    private static List<Look> looks(RedisLink link, List<byte[]> keys) throws CopyException {
        for (byte[] key : keys) {
            link.send(Command.TYPE, key);
            link.send(Command.PTTL, key);
            link.send(Command.MEMORY, USAGE, key);
        }
        List<Look> looks = new ArrayList<>(keys.size());
        for (int i = 0; i < keys.size(); i++) {
            String type = CommandKeys.text(link.receive());
            long expiresIn = number(link.receive());
            looks.add(new Look(type, expiresIn, size(link.receive())));
        }
        return looks;
    }

    /** What nobody may know might be large. */
    private static long size(@Nullable Object usage) {
        return usage == null ? 0 : usage instanceof Long bytes ? bytes : Long.MAX_VALUE;
    }

    private static List<@Nullable Object> dumps(RedisLink link, List<byte[]> keys) throws CopyException {
        for (byte[] key : keys) {
            link.send(Command.DUMP, key);
        }
        List<@Nullable Object> dumps = new ArrayList<>(keys.size());
        for (int i = 0; i < keys.size(); i++) {
            dumps.add(link.receive());
        }
        return dumps;
    }

    // ---- one, thoroughly

    private Optional<String> value(String type, byte[] key) throws CopyException {
        if (size(source.ask(Command.MEMORY, USAGE, key)) > MOST_BYTES) {
            return size(type, key);
        }
        if (hasDebug) {
            Object from = source.ask(DEBUG, RedisLink.ascii("DIGEST-VALUE"), key);
            Object to = target.ask(DEBUG, RedisLink.ascii("DIGEST-VALUE"), key);
            hasDebug = !(from instanceof JedisDataException) && !(to instanceof JedisDataException);
            if (hasDebug) {
                return differ(type, same(from, to));
            }
        }
        if (same(source.ask(Command.DUMP, key), target.ask(Command.DUMP, key))) {
            return Optional.empty();
        }
        return content(type, key); // the same content may be stored in another order
    }

    private Optional<String> content(String type, byte[] key) throws CopyException {
        Optional<String> size = size(type, key);
        if (size.isPresent()) {
            return size;
        }
        return switch (type) {
            case "hash" -> elements(type, key, Command.HGETALL);
            case "set" -> elements(type, key, Command.SMEMBERS);
            case "zset" -> elements(type, key, Command.ZRANGE, "0", "-1", "WITHSCORES");
            case "list" -> elements(type, key, Command.LRANGE, "0", "-1");
            case "stream" -> elements(type, key, Command.XRANGE, "-", "+");
            default -> differ(type, same(source.ask(Command.GET, key), target.ask(Command.GET, key)));
        };
    }

    private Optional<String> size(String type, byte[] key) throws CopyException {
        Command count = switch (type) {
            case "hash" -> Command.HLEN;
            case "set" -> Command.SCARD;
            case "zset" -> Command.ZCARD;
            case "list" -> Command.LLEN;
            case "stream" -> Command.XLEN;
            case "string" -> Command.STRLEN;
            default -> Command.EXISTS; // a module's
        };
        long from = number(source.ask(count, key));
        long to = number(target.ask(count, key));
        return from == to
                ? Optional.empty()
                : Optional.of("a " + type + " of size " + from + " on the source, " + to + " on the target");
    }

    private Optional<String> elements(String type, byte[] key, Command all, String... arguments) throws CopyException {
        byte[][] words = new byte[arguments.length + 1][];
        words[0] = key;
        for (int i = 0; i < arguments.length; i++) {
            words[i + 1] = RedisLink.ascii(arguments[i]);
        }
        return differ(type, flat(source.ask(all, words), type).equals(flat(target.ask(all, words), type)));
    }

    /** As texts; hashes and sets in one order. */
    private static List<String> flat(@Nullable Object reply, String type) {
        List<String> texts = new ArrayList<>();
        if (reply instanceof List<?> list) {
            for (Object element : list) {
                texts.add(text(element));
            }
        } else if (reply instanceof Collection<?> set) {
            set.forEach(element -> texts.add(text(element)));
        }
        if (type.equals("hash") || type.equals("set")) {
            texts.sort(null);
        }
        return texts;
    }

    private static String text(@Nullable Object element) {
        if (element instanceof Map.Entry<?, ?> entry) {
            return text(entry.getKey()) + "\n" + text(entry.getValue());
        }
        if (element instanceof List<?> list) {
            StringBuilder all = new StringBuilder();
            list.forEach(part -> all.append(text(part)).append('\n'));
            return all.toString();
        }
        return CommandKeys.text(element);
    }

    private static Optional<String> differ(String type, boolean same) {
        return same ? Optional.empty() : Optional.of("a " + type + " with another value");
    }

    private static boolean same(@Nullable Object left, @Nullable Object right) {
        if (left instanceof byte[] one && right instanceof byte[] other) {
            return Arrays.equals(one, other);
        }
        if (left instanceof List<?> one && right instanceof List<?> other) {
            return text(one).equals(text(other));
        }
        return left == null && right == null;
    }

    private static long number(@Nullable Object reply) {
        return reply instanceof Long number ? number : -1;
    }
}
