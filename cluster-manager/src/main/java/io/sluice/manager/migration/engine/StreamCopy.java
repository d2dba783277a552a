package io.sluice.manager.migration.engine;

import io.sluice.manager.migration.engine.CopyFailure.Kind;
import io.sluice.manager.migration.engine.MaintenanceConnection.Purpose;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.Protocol.Command;

/**
 * Engine S: reads the source's replication stream and executes on the target what concerns the moving keys.
 *
 * <pre>
 *   source, or a replica of it                                         target
 *        └─ stream ─▶ reader ─▶ spool on disk ─▶ applier ─ commands ─▶   │
 *   source ◀─ offset, clock ─ pulse                └─── expiries ────────┘
 * </pre>
 *
 * The reader never waits for the target. The applier knows by the source's offsets what it has done; the pulse asks the
 * source where it is, so lag and drain are exact without a marker in the stream.
 *
 * <p>Unlike a real replica the target expires keys itself. One that expires there before the stream came to its prolongation
 * would be lost; the target tells of such keys ({@link ExpiryWatch}), and they are copied once more at the end.
 */
final class StreamCopy extends EngineCopy {

    private static final Logger log = LoggerFactory.getLogger(StreamCopy.class);

    /** A drain takes a moment when the target is behind by less. */
    static final long LITTLE_LAG = 64 << 10;

    private static final int PROMPT_ROUNDS = 2;
    private static final int FEW_DOUBTS = 1000;
    private static final Duration PROMPT = Duration.ofMillis(100);

    /** A source that has not yet noticed the end of its snapshot overlooks one, and sends nothing until the next. */
    private static final Duration ACKNOWLEDGE_EVERY = Duration.ofMillis(100);

    private static final Duration SKEW_EVERY = Duration.ofSeconds(30);
    private static final long PULSE_MILLIS = 100;
    private static final long LOOK_MILLIS = 2;
    private static final long PAUSE_MILLIS = 20;

    private volatile @Nullable Spool spool;
    private volatile @Nullable ExpiryWatch watch;
    private volatile @Nullable ReplicationStream current;
    private volatile boolean prompt;
    private volatile @Nullable DrainPoint drainPoint;

    /** Where the source stood when drain {@code number} was asked for. */
    private record DrainPoint(int number, long offset) {}

    StreamCopy(CopyPlan plan) {
        super(EngineKind.STREAM, plan);
    }

    @Override
    void copy() throws CopyException {
        run.to(CopyState.PURGING);
        CopyPlan plan = run.plan();
        RedisLink source = run.link(plan.source(), Purpose.READ);
        RedisLink target = run.link(plan.target(), Purpose.COPY);
        new KeyPurge(target, plan.moving(), run.pace()).run();
        DoubtfulKeys doubtful = new DoubtfulKeys();
        ExpiryWatch expiries = new ExpiryWatch(run.link(plan.target(), Purpose.READ), plan.moving(), doubtful);
        watch = expiries;
        if (run.pace().isStopped()) { // closed meanwhile, without it
            stopWatching();
        }
        ClockSkew skew = measureSkew(source, target);
        Spool files = new Spool(plan.spoolFolder(), plan.id(), plan.limits().spoolBytes());
        spool = files;
        run.atEnd(files::close);
        FirstPass firstPass = new FirstPass(source.info("keyspace").keys());
        StreamReader reader = reader(source, target, skew, files, firstPass);
        StreamApplier applier = new StreamApplier(run, target, files, expiries, doubtful, firstPass);
        run.to(CopyState.COPYING);
        run.thread("reader", reader::run);
        run.thread("pulse", () -> pulse(reader, applier, skew));
        KeyCopier copier = new KeyCopier(source, target, run, new BigKeys(), skew);
        while (true) {
            apply(reader, applier, target, copier);
        }
    }

    private StreamReader reader(RedisLink source, RedisLink target, ClockSkew skew, Spool files, FirstPass firstPass)
            throws CopyException {
        CopyPlan plan = run.plan();
        RedisLink server = StreamSource.choose(run, source);
        log.info("Reading the stream: id={} source={} server={}", plan.id(), plan.source(), server.endpoint());
        ReplicationStream stream =
                ReplicationStream.open(server.endpoint(), server.identity().runId(), plan.register());
        run.atEnd(stream::close);
        current = stream;
        CommandKeys commands = CommandKeys.of(source.call(Command.COMMAND));
        StreamFilter filter = new StreamFilter(plan.moving(), commands, new ExpiryShift(skew));
        return new StreamReader(run, stream, filter, skew, files, firstPass, LongText.isGoodFor(target));
    }

    private void apply(StreamReader reader, StreamApplier applier, RedisLink target, KeyCopier copier)
            throws CopyException {
        run.pace().checkRunning();
        if (run.state() == CopyState.DRAINED || (run.pace().isPaused() && !run.drainWanted())) {
            applier.finish();
            run.pace().rest(PAUSE_MILLIS);
            return;
        }
        applier.step(reader.offset());
        if (applier.firstPassOver() && run.state() == CopyState.COPYING) {
            run.meter().done(1);
            run.to(CopyState.FOLLOWING);
        }
        DrainPoint point = drainPoint;
        if (run.drainWanted()
                && point != null
                && point.number == run.drainNumber()
                && applier.offset() >= point.offset) {
            applier.settle(copier);
            Replicas.confirm(target, run.pace());
            run.drained(point.number);
        }
    }

    /** Looks where the source is, and keeps the stream alive. */
    private void pulse(StreamReader reader, StreamApplier applier, ClockSkew skew) throws CopyException {
        RedisLink source = run.link(run.plan().source(), Purpose.READ);
        RedisLink target = run.link(run.plan().target(), Purpose.READ);
        long acknowledged = System.nanoTime();
        long skewed = acknowledged;
        int promptRounds = 0;
        while (true) {
            int drain = run.drainWanted() ? run.drainNumber() : 0;
            long wanted = where(source, reader);
            if (drain > 0 && !isMarked(drain)) { // once: keys that stay are written on, and the source goes further
                drainPoint = new DrainPoint(drain, wanted);
                wakeApplier();
            }
            run.meter().lag(reader.offset() < 0 ? 0 : wanted - applier.offset());
            promptRounds = isPrompt(applier, wanted) ? promptRounds + 1 : 0;
            prompt = promptRounds >= PROMPT_ROUNDS;
            if (System.nanoTime() - acknowledged > ACKNOWLEDGE_EVERY.toNanos()) {
                acknowledged = System.nanoTime();
                acknowledge();
            }
            if (System.nanoTime() - skewed > SKEW_EVERY.toNanos()) {
                skewed = System.nanoTime();
                skew.rejectDrift(source, target);
            }
            run.pace().rest(run.drainWanted() ? LOOK_MILLIS : PULSE_MILLIS);
        }
    }

    private void wakeApplier() {
        Spool files = spool;
        if (files != null) {
            files.wake();
        }
    }

    private boolean isMarked(int drain) {
        DrainPoint point = drainPoint;
        return point != null && point.number == drain;
    }

    private long where(RedisLink source, StreamReader reader) throws CopyException {
        String history = reader.history();
        InfoText replication = source.info("replication");
        if (!history.isEmpty() && !replication.text("master_replid").equals(history)) {
            throw new CopyException(
                    Kind.SOURCE_CHANGED,
                    source.endpoint() + " has a new replication history: it failed over or restarted");
        }
        return replication.number("master_repl_offset").orElse(Long.MAX_VALUE);
    }

    /** Whether the target comes to where the source was within a tenth of a second. */
    private boolean isPrompt(StreamApplier applier, long wanted) throws CopyException {
        long start = System.nanoTime();
        while (applier.offset() < wanted) {
            if (System.nanoTime() - start > PROMPT.toNanos() || run.drainWanted()) {
                return false;
            }
            run.pace().rest(LOOK_MILLIS);
        }
        return true;
    }

    private void acknowledge() throws CopyException {
        ReplicationStream stream = current;
        if (stream != null) {
            stream.acknowledge();
        }
    }

    @Override
    public boolean caughtUp() {
        return prompt
                && run.state() == CopyState.FOLLOWING
                && !run.pace().isPaused()
                && run.meter().lag() < LITTLE_LAG
                && run.meter().dirty() < FEW_DOUBTS;
    }

    @Override
    public void limits(CopyLimits limits) {
        super.limits(limits);
        Spool files = spool;
        if (files != null) {
            files.limit(limits.spoolBytes());
        }
    }

    @Override
    public void close() {
        super.close();
        stopWatching();
    }

    private void stopWatching() {
        ExpiryWatch expiries = watch;
        if (expiries != null) {
            watch = null;
            expiries.stop(run.plan().register());
        }
    }
}
