package io.sluice.manager.migration.engine;

import io.sluice.manager.migration.engine.CopyFailure.Kind;
import io.sluice.manager.migration.engine.MaintenanceConnection.Purpose;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * Looks whether each moving key of the source is on the target and the other way round, and counts them, while clients write
 * and the copy follows. On a thread of its own; methods may be called by any.
 *
 * <pre>
 *   SCAN one side ─▶ EXISTS on the other ─▶ what is missing there is asked for again, on both sides, until it agrees
 * </pre>
 *
 * A key that comes or goes just now is on one side only for as long as the copy is behind; one that was lost stays missing.
 */
public final class KeyCensus implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(KeyCensus.class);

    /** More keys on one side only are not explained by a copy that is a moment behind. */
    static final int MOST_DOUBTS = 10_000;

    /** How often doubtful keys are asked for. */
    private static final int ROUNDS = 40;

    private static final long ROUND_MILLIS = 100;

    /** Between two looks whether a copy that was behind follows again. */
    private static final long LOOK_MILLIS = 20;

    /** To read a name costs so much less than to copy a key. */
    private static final int CHEAPER = 4;

    private static final long JOIN_MILLIS = 5_000;

    /**
     * What was found.
     *
     * @param sourceKeys moving keys that the source had; some may have been counted twice
     * @param targetKeys the same of the target
     * @param failure what is wrong, or why it could not be found out; null if nothing is
     */
    public record Result(
            long sourceKeys, long targetKeys, @Nullable CopyFailure failure) {}

    private record Key(int database, KeyName name) {}

    private final CopyPlan plan;
    private final BooleanSupplier copyFollows;
    private final Pace pace;
    private final Thread thread;
    private volatile @Nullable Result result;

    private KeyCensus(CopyPlan plan, BooleanSupplier copyFollows) {
        this.plan = plan;
        this.copyFollows = copyFollows;
        CopyLimits limits = plan.limits();
        int names = (int) Math.min(Integer.MAX_VALUE, (long) CHEAPER * limits.keysPerSecond());
        this.pace = new Pace(limits.withKeysPerSecond(names), System::nanoTime);
        this.thread = new Thread(this::run, "sluice-move-" + plan.id() + "-census");
        thread.setDaemon(true);
    }

    /**
     * Begins at once, at four times the keys per second that the plan allows.
     *
     * @param copyFollows whether the copy follows closely now; while it does not, because it is paused or slowed down,
     *     nothing is looked at: what is missing then says nothing. May be asked by any thread
     */
    public static KeyCensus start(CopyPlan plan, BooleanSupplier copyFollows) {
        KeyCensus begun = new KeyCensus(plan, copyFollows);
        begun.thread.start();
        return begun;
    }

    /** Empty while it goes on. */
    public Optional<Result> result() {
        return Optional.ofNullable(result);
    }

    private void run() {
        try (RedisLink source = RedisLink.open(plan.source(), Purpose.READ, readsOnly -> true);
                RedisLink target = RedisLink.open(plan.target(), Purpose.READ, readsOnly -> true)) {
            List<Key> doubts = new ArrayList<>();
            long here = count(source, target, doubts);
            long there = count(target, source, doubts);
            settle(source, target, doubts);
            log.info("Keys counted: handoff={} source={} target={}", plan.id(), here, there);
            result = new Result(here, there, null);
        } catch (CopyException e) {
            result = new Result(0, 0, e.failure());
        } catch (RuntimeException e) { // nobody would go on without a result
            log.error("Bug in the count of keys: handoff={}", plan.id(), e);
            result = new Result(0, 0, new CopyFailure(Kind.REFUSED, "The count of keys broke: " + e));
        }
    }

    /** Adds to {@code doubts} what {@code other} does not have. */
    private long count(RedisLink side, RedisLink other, List<Key> doubts) throws CopyException {
        long count = 0;
        for (int database : new TreeSet<>(side.info("keyspace").databases())) {
            KeyScan scan = KeyScan.ahead(side, plan.moving(), database);
            other.call(Command.SELECT, RedisLink.ascii(database));
            while (scan.hasNext()) {
                awaitCopy();
                List<byte[]> names = scan.next();
                pace.take(KeyScan.COUNT, 0);
                count += names.size();
                boolean[] exist = exist(other, names);
                for (int i = 0; i < exist.length; i++) {
                    if (!exist[i]) {
                        doubts.add(new Key(database, new KeyName(names.get(i))));
                    }
                }
                checkNumber(doubts);
            }
        }
        return count;
    }

    /** Until it follows, or this is closed. */
    private void awaitCopy() throws CopyException {
        while (!copyFollows.getAsBoolean()) {
            pace.rest(LOOK_MILLIS);
        }
    }

    private void checkNumber(List<Key> doubts) throws CopyException {
        if (doubts.size() > MOST_DOUBTS) {
            throw incomplete(doubts.size() + " keys or more");
        }
    }

    /** A refusal is no answer: keys of which nobody may know would look like keys that neither side has. */
    private static boolean[] exist(RedisLink link, List<byte[]> names) throws CopyException {
        boolean[] exist = new boolean[names.size()];
        if (exist.length > 1 && countOf(link, names.toArray(byte[][]::new)) == exist.length) {
            Arrays.fill(exist, true);
            return exist;
        }
        for (byte[] name : names) {
            link.send(Command.EXISTS, name);
        }
        for (int i = 0; i < exist.length; i++) {
            Object reply = link.receive();
            if (reply instanceof JedisDataException error) {
                throw link.refused(Command.EXISTS, error);
            }
            exist[i] = Long.valueOf(1).equals(reply);
        }
        return exist;
    }

    /** How many of them are there; asked for all at once. */
    private static long countOf(RedisLink link, byte[]... names) throws CopyException {
        return link.call(Command.EXISTS, names) instanceof Long count ? count : 0;
    }

    /** Throws if some of them stay on one side only. */
    private void settle(RedisLink source, RedisLink target, List<Key> found) throws CopyException {
        List<Key> doubts = found;
        for (int round = 0; round < ROUNDS && !doubts.isEmpty(); round++) {
            pace.rest(ROUND_MILLIS);
            awaitCopy();
            List<Key> left = new ArrayList<>();
            for (Key key : doubts) {
                if (isOn(source, key) != isOn(target, key)) {
                    left.add(key);
                }
            }
            doubts = left;
        }
        if (!doubts.isEmpty()) {
            throw incomplete(doubts.size() == 1 ? "A key" : doubts.size() + " keys");
        }
    }

    private static boolean isOn(RedisLink link, Key key) throws CopyException {
        link.call(Command.SELECT, RedisLink.ascii(key.database));
        return exist(link, List.of(key.name.bytes()))[0];
    }

    private CopyException incomplete(String keys) {
        return new CopyException(
                Kind.SOURCE_CHANGED,
                keys + " on one of " + plan.source() + " and " + plan.target() + " only: the copy is not complete");
    }

    /** Ends it; waits for its thread. */
    @Override
    public void close() {
        pace.stop();
        try {
            thread.join(JOIN_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
