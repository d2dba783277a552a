package io.sluice.manager.migration.engine;

import io.sluice.manager.migration.engine.CopyFailure.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * Makes keys on the target what they are on the source at this moment: value and expiry, or their absence. Both links stay in
 * the database that was selected last. One thread.
 *
 * <pre>
 *   source: MEMORY USAGE k …            how much may be asked for at once
 *   source: DUMP k, PEXPIRETIME k, …    (PTTL and TIME before 7.0)
 *   target: RESTORE k at payload REPLACE ABSTTL, … or UNLINK k
 * </pre>
 */
final class KeyCopier {

    /** Redis 7.0. */
    private static final int KNOWS_EXPIRETIME = 7;

    private static final byte[] USAGE = RedisLink.ascii("USAGE");
    private static final byte[] REPLACE = RedisLink.ascii("REPLACE");
    private static final byte[] ABSTTL = RedisLink.ascii("ABSTTL");

    private final RedisLink source;
    private final RedisLink target;
    private final Pace pace;
    private final CopyMeter meter;
    private final BigKeys bigKeys;
    private final boolean knowsExpireTime;
    private final KeySample sample;
    private final ClockSkew skew;
    private int database;

    KeyCopier(RedisLink source, RedisLink target, CopyRun run, BigKeys bigKeys, ClockSkew skew) throws CopyException {
        this.source = source;
        this.target = target;
        this.pace = run.pace();
        this.meter = run.meter();
        this.sample = run.sample();
        this.bigKeys = bigKeys;
        this.skew = skew;
        this.knowsExpireTime = RedisVersion.of(source.info("server")).atLeast(KNOWS_EXPIRETIME);
    }

    void select(int number) throws CopyException {
        database = number;
        source.call(Command.SELECT, RedisLink.ascii(database));
        target.call(Command.SELECT, RedisLink.ascii(database));
    }

    /** Any number of keys; in portions that keep to the limits. */
    void copy(List<byte[]> keys) throws CopyException {
        int batch = pace.batch(pace.limits().outstandingCommands() / 2);
        for (int from = 0; from < keys.size(); from += batch) {
            portion(keys.subList(from, Math.min(keys.size(), from + batch)));
        }
    }

    private void portion(List<byte[]> keys) throws CopyException {
        long[] sizes = sizes(keys);
        int from = 0;
        while (from < keys.size()) {
            int to = from + 1;
            long sum = sizes[from];
            while (to < keys.size() && sum + sizes[to] <= pace.batchBytes()) {
                sum += sizes[to++];
            }
            move(keys.subList(from, to));
            from = to;
        }
    }

    /** In memory: more than the payload as a rule. */
    private long[] sizes(List<byte[]> keys) throws CopyException {
        for (byte[] key : keys) {
            source.send(Command.MEMORY, USAGE, key);
        }
        long[] sizes = new long[keys.size()];
        for (int i = 0; i < sizes.length; i++) {
            sizes[i] = source.receive() instanceof Long size ? size : 0;
        }
        for (int i = 0; i < sizes.length; i++) {
            bigKeys.check(source, keys.get(i), sizes[i]);
        }
        return sizes;
    }

    private void move(List<byte[]> keys) throws CopyException {
        List<@Nullable Dump> dumps = dumps(keys);
        List<byte[][]> commands = new ArrayList<>(keys.size());
        long bytes = 0;
        for (int i = 0; i < keys.size(); i++) {
            byte[][] command = command(keys.get(i), dumps.get(i));
            commands.add(command);
            bytes += WireBytes.of(command);
        }
        pace.take(keys.size(), bytes);
        for (byte[][] command : commands) {
            target.send(RawCommand.of(command[0]), Arrays.copyOfRange(command, 1, command.length));
        }
        for (int i = 0; i < keys.size(); i++) {
            if (target.receive() instanceof JedisDataException error) {
                throw notRestored(error);
            }
        }
        keys.forEach(key -> sample.add(database, key));
        meter.sent(keys.size(), bytes);
    }

    /** A value, and when it expires by the source's clock: milliseconds since 1970, 0 for never. */
    private static final class Dump {
        final byte[] payload;
        final long expiresAt;

        Dump(byte[] payload, long expiresAt) {
            this.payload = payload;
            this.expiresAt = expiresAt;
        }
    }

    private List<@Nullable Dump> dumps(List<byte[]> keys) throws CopyException {
        if (!knowsExpireTime) {
            source.send(Command.TIME);
        }
        for (byte[] key : keys) {
            source.send(Command.DUMP, key);
            source.send(knowsExpireTime ? Command.PEXPIRETIME : Command.PTTL, key);
        }
        long now = knowsExpireTime ? 0 : ClockSkew.serverMicros(source.receive()) / 1000;
        List<@Nullable Dump> dumps = new ArrayList<>(keys.size());
        for (int i = 0; i < keys.size(); i++) {
            Object payload = source.receive();
            Object expiry = source.receive();
            dumps.add(dump(payload, expiry, now));
        }
        return dumps;
    }

    private @Nullable Dump dump(@Nullable Object payload, @Nullable Object expiry, long now) throws CopyException {
        if (payload instanceof JedisDataException error) {
            throw source.refused(Command.DUMP, error);
        }
        if (expiry instanceof JedisDataException error) {
            throw source.refused(Command.PTTL, error);
        }
        long at = expiry instanceof Long number ? number : -1;
        // gone between the two: it is announced, and looked at again
        return payload instanceof byte[] bytes ? new Dump(bytes, at < 0 ? 0 : now + at) : null;
    }

    /** What makes the key on the target so; the name comes first. */
    private byte[][] command(byte[] key, @Nullable Dump dump) {
        if (dump == null) {
            return new byte[][] {Command.UNLINK.getRaw(), key};
        }
        byte[] at = RedisLink.ascii(skew.onTarget(dump.expiresAt));
        return new byte[][] {Command.RESTORE.getRaw(), key, at, dump.payload, REPLACE, ABSTTL};
    }

    private CopyException notRestored(JedisDataException error) {
        if (String.valueOf(error.getMessage()).contains("DUMP payload version or checksum")) {
            return new CopyException(
                    Kind.REFUSED,
                    target.endpoint() + " cannot read values of " + source.endpoint()
                            + ": it is older, or lacks a module that the source has");
        }
        return target.refused(Command.RESTORE, error);
    }
}
