package io.sluice.manager.migration.engine;

import io.sluice.manager.migration.engine.CopyFailure.Kind;
import io.sluice.manager.migration.engine.Volleys.Sent;
import io.sluice.manager.migration.engine.Volleys.Volley;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.commands.ProtocolCommand;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * Takes frames out of the spool and executes them on the target, in order, over one connection: some are sent, and
 * while the target executes them some more ({@link Volleys}); then replies are read and judged. One thread.
 */
final class StreamApplier {

    private static final long WAIT_MILLIS = 10;

    private static final byte[] SET = RedisLink.ascii("SET");

    /** Clients wait. */
    private static final long WAIT_MILLIS_OF_A_DRAIN = 1;

    /**
     * An expiry that is over when it is applied is a deletion, which the target does not tell as an expiry. What our idea
     * of its clock may be wrong by counts as over, too.
     */
    private static final long SOON_MILLIS = 100;

    private final CopyRun run;
    private final RedisLink target;
    private final Spool spool;
    private final ExpiryWatch watch;
    private final DoubtfulKeys doubtful;
    private final FirstPass firstPass;
    private final long clockAheadMillis;

    private int database = -1;
    private final Volleys volleys = new Volleys();
    private @Nullable List<Sent> transaction;
    private boolean firstPassOver;

    /** Applied so far, by the source's offsets. */
    private volatile long offset;

    StreamApplier(
            CopyRun run, RedisLink target, Spool spool, ExpiryWatch watch, DoubtfulKeys doubtful, FirstPass firstPass)
            throws CopyException {
        this.run = run;
        this.target = target;
        this.spool = spool;
        this.watch = watch;
        this.doubtful = doubtful;
        this.firstPass = firstPass;
        clockAheadMillis = ClockSkew.serverMicros(target.call(Command.TIME)) / 1000 - System.nanoTime() / 1_000_000;
    }

    long offset() {
        return offset;
    }

    boolean firstPassOver() {
        return firstPassOver;
    }

    /** Applies what there is, up to the limits; waits a little if there is nothing. Some of it may be under way then. */
    void step(long readOffset) throws CopyException {
        boolean nothingWaits = spool.isEmpty() && transaction == null && volleys.isEmpty();
        List<Frame> frames = take();
        if (!frames.isEmpty()) {
            send(frames);
        } else if (!volleys.isEmpty()) {
            finish(volleys.takeOldest());
        } else if (nothingWaits) {
            watch.poll();
            offset = Math.max(offset, readOffset);
        }
        run.meter().spool(spool.waitingBytes());
        run.meter().dirty(doubtful.size());
    }

    /** Waits for all replies. */
    void finish() throws CopyException {
        while (!volleys.isEmpty()) {
            finish(volleys.takeOldest());
        }
    }

    /** Frames for one volley. */
    private List<Frame> take() throws CopyException {
        Pace pace = run.pace();
        int most = Math.max(1, pace.batch(pace.limits().outstandingCommands()) / 2);
        long mostBytes = pace.batchBytes() / 2;
        List<Frame> frames = new ArrayList<>();
        long commands = 0;
        long bytes = 0;
        while (commands < most && bytes < mostBytes) {
            Frame frame = spool.next(frames.isEmpty() && volleys.isEmpty() ? waitMillis() : 0);
            if (frame == null) {
                break;
            }
            frames.add(frame);
            commands += commands(frame);
            bytes += frame.wireBytes();
        }
        return frames;
    }

    private long waitMillis() {
        return run.drainWanted() ? WAIT_MILLIS_OF_A_DRAIN : WAIT_MILLIS;
    }

    private static long commands(Frame frame) {
        return Math.max(1, frame.keyCount());
    }

    private void send(List<Frame> frames) throws CopyException {
        long commands = 0;
        long bytes = 0;
        for (Frame frame : frames) {
            commands += commands(frame);
            bytes += frame.wireBytes();
        }
        while (!volleys.hasRoom(commands, bytes, run.pace().limits())) {
            finish(volleys.takeOldest());
        }
        run.pace().take(commands, bytes);
        List<Sent> sent = new ArrayList<>(frames.size() + 1);
        for (Frame frame : frames) {
            send(frame, sent);
        }
        target.flush();
        volleys.add(new Volley(frames, sent, commands, bytes));
    }

    private void finish(Volley volley) throws CopyException {
        List<Sent> sent = volley.sent();
        List<@Nullable Object> replies = new ArrayList<>(sent.size());
        for (int i = 0; i < sent.size(); i++) {
            replies.add(target.receive());
        }
        watch.poll(); // whatever expired before these replies is known now
        for (int i = 0; i < sent.size(); i++) {
            judge(sent.get(i), replies.get(i));
        }
        count(volley);
    }

    private void count(Volley volley) {
        long keys = 0;
        for (Frame frame : volley.frames()) {
            offset = Math.max(offset, frame.offset());
            keys += frame.keyCount();
            if (frame.keyCount() == frame.keys().size()) {
                frame.keys()
                        .forEach(key ->
                                run.sample().add(frame.database(), frame.parts().get(key)));
            }
            firstPassOver |= frame.kind() == Frame.Kind.FIRST_PASS_OVER;
        }
        run.meter().sent(keys, volley.bytes());
        if (!firstPassOver) {
            firstPass.taken(volley.frames().size());
            run.meter().done(firstPass.share());
        }
    }

    private void send(Frame frame, List<Sent> sent) throws CopyException {
        if (frame.kind() == Frame.Kind.FIRST_PASS_OVER) {
            return;
        }
        if (frame.database() != database && frame.kind() != Frame.Kind.CONTROL) {
            database = frame.database();
            target.send(Command.SELECT, RedisLink.ascii(database));
            sent.add(new Sent(null, doubtful.now()));
        }
        List<byte[]> parts = frame.parts();
        if (frame.kind() == Frame.Kind.BYTES) {
            target.write(parts.get(0));
            return;
        }
        sent.add(new Sent(frame, doubtful.now()));
        if (frame.kind() == Frame.Kind.LAST_BYTES) {
            target.write(parts.get(0));
            return;
        }
        target.send(RawCommand.of(parts.get(0)), frame.arguments());
    }

    private void judge(Sent sent, @Nullable Object reply) throws CopyException {
        Frame frame = sent.frame();
        if (frame != null && frame.kind() == Frame.Kind.CONTROL) {
            control(CommandKeys.text(frame.parts().get(0)), reply);
        } else if (transaction != null) {
            refuseErrors(Command.MULTI, reply); // else it is QUEUED
            transaction.add(sent);
        } else {
            judgeOne(sent, reply);
        }
    }

    private void control(String name, @Nullable Object reply) throws CopyException {
        refuseErrors(RawCommand.of(name), reply);
        if (name.equals("MULTI")) {
            transaction = new ArrayList<>();
            return;
        }
        List<Sent> queued = transaction;
        transaction = null;
        if (!(reply instanceof List<?> replies) || queued == null || replies.size() != queued.size()) {
            throw new CopyException(Kind.REFUSED, target.endpoint() + " did not execute a transaction of the stream");
        }
        for (int i = 0; i < queued.size(); i++) {
            judgeOne(queued.get(i), replies.get(i));
        }
    }

    private void judgeOne(Sent sent, @Nullable Object reply) throws CopyException {
        Frame frame = sent.frame();
        if (frame == null) {
            refuseErrors(Command.SELECT, reply);
            return;
        }
        boolean inDoubt = inDoubt(frame);
        if (reply instanceof JedisDataException error
                && (!inDoubt || ErrorReply.of(error).isOfServer())) {
            throw target.refused(
                    RawCommand.of(
                            frame.kind() == Frame.Kind.LAST_BYTES
                                    ? SET
                                    : frame.parts().get(0)),
                    error);
        }
        switch (frame.kind()) {
            case FINAL, LAST_BYTES ->
                frame.keys()
                        .forEach(key ->
                                doubtful.settle(frame.database(), frame.parts().get(key), sent.at()));
            case SEVERAL -> {
                if (inDoubt) {
                    doubtAll(frame);
                }
            }
            case CHANGE, CONTROL, BYTES, FIRST_PASS_OVER -> {}
        }
        if (frame.expiresAt() != 0 && frame.expiresAt() - targetMillis() < SOON_MILLIS) {
            doubtAll(frame);
        }
    }

    private boolean inDoubt(Frame frame) {
        return frame.keys().stream()
                .anyMatch(
                        key -> doubtful.contains(frame.database(), frame.parts().get(key)));
    }

    private void doubtAll(Frame frame) throws CopyException {
        for (int key : frame.keys()) {
            doubtful.add(frame.database(), frame.parts().get(key));
        }
    }

    private void refuseErrors(ProtocolCommand command, @Nullable Object reply) throws CopyException {
        if (reply instanceof JedisDataException error) {
            throw target.refused(command, error);
        }
    }

    private long targetMillis() {
        return System.nanoTime() / 1_000_000 + clockAheadMillis;
    }

    /** When all was applied and nobody writes: makes the doubtful keys what they are on the source. */
    void settle(KeyCopier copier) throws CopyException {
        finish(); // the copier uses the same connection
        watch.poll();
        for (Map.Entry<Integer, List<byte[]>> keys : doubtful.take().entrySet()) {
            copier.select(keys.getKey());
            copier.copy(keys.getValue());
        }
        database = -1;
    }
}
