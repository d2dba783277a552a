package io.sluice.proxy.topology;

import io.sluice.proxy.topology.TopologyIntake.Document;
import io.sluice.routing.cluster.Heartbeat;
import io.sluice.routing.cluster.ProxyRegistration;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.cluster.ZnodePaths;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.Stat;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the cluster that this proxy lives and by which epoch it serves, and looks at the topology. On a thread of its own;
 * methods may be called from any.
 *
 * <pre>
 *   beat   t0 = now; setData(hb); getData(topology)   in one session, so that what is read is not older than t0
 *   look                          getData(topology)   when a watch says that there may be something new
 * </pre>
 */
final class Heartbeats implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Heartbeats.class);

    /** How often, while slots are on their way: their lease is short. */
    private static final Duration WHILE_KEYS_MOVE = Duration.ofMillis(300);

    /** How long leaving may take. */
    private static final Duration LEAVING = Duration.ofSeconds(3);

    /** What is waited for, of one beat. */
    private static final class Round {
        private final long nanos = System.nanoTime();
        private final long millis = System.currentTimeMillis();
        private boolean written;
    }

    private final ZooKeeperSession session;
    private final ZnodePaths paths;
    private final Enrolment enrolment;
    private final TopologyIntake intake;
    private final Lease lease;
    private final FreezeWatch freezes;
    private final Duration interval;
    private final Duration patience;
    private final ScheduledExecutorService thread;
    private final Watcher watcher = this::onEvent;
    private final CompletableFuture<Void> firstLook = new CompletableFuture<>();
    private volatile boolean closed;
    private volatile boolean acknowledges;

    // the thread's
    private @Nullable ScheduledFuture<?> next;
    private @Nullable Round round; // the one under way
    private @Nullable Round newest; // the last one that came to its end
    private long newestMzxid = TopologyIntake.NO_DOCUMENT; // of the document it read
    private long offeredMzxid = TopologyIntake.NO_DOCUMENT;
    private boolean again;
    private long sequence;
    private volatile String trouble = ""; // written by the thread

    /**
     * @param registration what is written of this process
     * @param acknowledges whether no other process serves under the same name; else {@link #acknowledge} says when that is so
     */
    Heartbeats(
            ZooKeeperSession session,
            ZnodePaths paths,
            Registration registration,
            Home home,
            TopologyIntake intake,
            Lease lease,
            Duration interval,
            Duration patience,
            boolean acknowledges) {
        this.session = session;
        this.paths = paths;
        this.enrolment = new Enrolment(session, registration, home, acknowledges, this::onUncounted);
        this.intake = intake;
        this.lease = lease;
        this.freezes = new FreezeWatch(paths, this::writeTopology, System::nanoTime, new SplittableRandom());
        this.interval = interval;
        this.patience = patience;
        this.acknowledges = acknowledges;
        this.thread = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread made = new Thread(task, "zookeeper");
            made.setDaemon(true);
            return made;
        });
    }

    void start() {
        session.onConnected(this::beatSoon);
        beatSoon();
    }

    /** Done when the topology, or that there is none, has been read after the registration. */
    CompletableFuture<Void> firstLook() {
        return firstLook;
    }

    /** How the cluster knows this process. */
    Enrolment enrolment() {
        return enrolment;
    }

    /** From now on it is told which epoch is served: nobody else serves under this name any more. */
    void acknowledge() {
        acknowledges = true;
        run(() -> {
            enrolment.homeIsOurs();
            beat();
        });
    }

    /** What is wrong between us and ZooKeeper; empty if nothing is known to be. */
    String trouble() {
        return trouble;
    }

    /** Registers once more, whoever has done so in between: that process has gone. */
    void reclaim() {
        run(() -> {
            enrolment.reclaim();
            beat();
        });
    }

    /** Says something else of the proxy than before. */
    void describe(ProxyRegistration self) {
        run(() -> {
            enrolment.describe(self);
            beat();
        });
    }

    /** What is served has changed, or should be told at once for another reason. */
    void beatSoon() {
        run(this::beat);
    }

    // ---- on the thread

    private void run(Runnable task) {
        try {
            thread.execute(() -> {
                try {
                    task.run();
                } catch (RuntimeException e) {
                    log.error("A fault in what is told to ZooKeeper", e);
                }
            });
        } catch (RejectedExecutionException e) {
            log.debug("Closed: path={}", enrolment.heartbeatPath());
        }
    }

    private void beat() {
        if (closed) {
            return;
        }
        scheduleNext();
        if (isUnderWay()) {
            again = true;
            return;
        }
        again = false;
        if (!session.isConnected()) {
            return;
        }
        try {
            enrolment.ensure(this::heartbeat);
            intake.keepFile(!enrolment.isSuperseded());
            send();
        } catch (Exception e) {
            note(e.toString());
            lookAllTheSame();
        }
    }

    /** Whoever cannot tell that he lives still has clients, and must hear where their keys are. */
    private void lookAllTheSame() {
        try {
            if (firstLook.isDone() && session.isConnected()) {
                look();
            }
        } catch (Exception e) {
            note(e.toString());
        }
    }

    private void scheduleNext() {
        if (next != null) {
            next.cancel(false);
        }
        Topology routed = intake.status().routed();
        boolean keysMove = routed.hasHandoffs() || routed.hasRingChanges();
        Duration wait = keysMove && interval.compareTo(WHILE_KEYS_MOVE) > 0 ? WHILE_KEYS_MOVE : interval;
        next = thread.schedule(() -> run(this::beat), wait.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** One of which nothing is heard any more is given up: its session is gone. */
    private boolean isUnderWay() {
        return round != null && System.nanoTime() - round.nanos < patience.toNanos();
    }

    /** The cluster may have stopped waiting for this process: what it believes must be read anew. */
    private void onUncounted() {
        newest = null;
        lease.end();
    }

    private Heartbeat heartbeat() {
        TopologyStatus status = intake.status();
        TopologyStatus.Refusal refusal = status.refusal();
        return new Heartbeat(
                enrolment.incarnation(),
                ++sequence,
                acknowledges ? status.applied() : 0,
                refusal == null ? 0 : refusal.epoch(),
                refusal == null ? "" : refusal.reason());
    }

    private void send() throws Exception {
        ZooKeeper handle = session.handle();
        Round sent = new Round();
        round = sent;
        handle.setData(
                enrolment.heartbeatPath(),
                heartbeat().bytes(),
                enrolment.heartbeatVersion(),
                (code, path, context, stat) -> run(() -> onWritten(sent, Code.get(code), stat)),
                null);
        handle.getData(
                paths.topology(),
                watcher,
                (code, path, context, data, stat) -> run(() -> onRead(sent, Code.get(code), data, stat)),
                null);
    }

    private void onWritten(Round of, @Nullable Code code, @Nullable Stat stat) {
        if (code == Code.OK && stat != null) {
            of.written = true;
            enrolment.onWritten(stat.getVersion());
            note("");
        } else if (code == Code.NONODE) {
            enrolment.onNoNode();
            again = true;
        } else if (code == Code.BADVERSION) { // another process', or a write of ours of which nothing was heard
            enrolment.onUnknown();
            again = true;
        } else {
            enrolment.onUnknown();
            note(String.valueOf(code));
        }
    }

    private void onRead(@Nullable Round of, @Nullable Code code, byte @Nullable [] data, @Nullable Stat stat) {
        if (of == round) {
            round = null;
        }
        if (code == Code.OK && stat != null) {
            if (of != null && of.written) {
                newest = of;
                newestMzxid = stat.getMzxid();
            }
            if (stat.getMzxid() != offeredMzxid) {
                offeredMzxid = stat.getMzxid();
                intake.offer(new Document(data == null ? new byte[0] : data, stat.getMzxid()));
            }
            renewLease();
            freezes.look(intake.status().routed(), data == null ? new byte[0] : data, stat.getVersion());
            firstLook.complete(null);
        } else if (code == Code.NONODE) {
            offeredMzxid = TopologyIntake.NO_DOCUMENT;
            intake.offerNothing();
            watchForCreation();
            firstLook.complete(null);
        } else {
            note(String.valueOf(code));
        }
        if (again) {
            beat();
        }
    }

    /** Only what is served may be believed: a newer document that has just been read is not served yet. */
    private void renewLease() {
        if (newest != null && newestMzxid == intake.routedMzxid()) {
            lease.renew(newest.nanos, newest.millis);
        }
    }

    private void writeTopology(byte[] document, int version, Consumer<Code> done) throws Exception {
        session.handle()
                .setData(
                        paths.topology(),
                        document,
                        version,
                        (code, path, context, stat) -> done.accept(Code.get(code)),
                        null);
    }

    /** What is served has changed: it is told at once, and may be believed from the beat on that read it. */
    void onTopology() {
        run(() -> {
            renewLease();
            beat();
        });
    }

    private void look() throws Exception {
        session.handle()
                .getData(
                        paths.topology(),
                        watcher,
                        (code, path, context, data, stat) -> run(() -> onRead(null, Code.get(code), data, stat)),
                        null);
    }

    private void watchForCreation() {
        try {
            session.handle().exists(paths.topology(), watcher, (code, path, context, stat) -> {}, null);
        } catch (Exception e) {
            note(e.toString());
        }
    }

    /** On ZooKeeper's event thread. It says no more than "look again". */
    private void onEvent(WatchedEvent event) {
        if (event.getType() != Watcher.Event.EventType.None) {
            run(() -> {
                try {
                    if (!closed && session.isConnected()) {
                        look();
                    }
                } catch (Exception e) {
                    note(e.toString());
                }
            });
        }
    }

    /** Logs what is wrong, once for as long as it is the same; away from ZooKeeper the session has said it. */
    private void note(String problem) {
        boolean isNews = !problem.isEmpty() && !problem.equals(trouble) && session.isConnected();
        trouble = problem;
        if (isNews) {
            log.warn("ZooKeeper did not take the heartbeat: path={} error={}", enrolment.heartbeatPath(), problem);
        }
    }

    // ---- the end

    /** Takes the registration away, if it is ours and nobody follows us. Blocks for a few seconds at most. */
    void leave(boolean followed) {
        CompletableFuture<Void> gone = new CompletableFuture<>();
        run(() -> {
            closed = true;
            try {
                enrolment.leave(followed);
            } catch (Exception e) {
                log.warn("The registration stays behind: path={} error={}", enrolment.heartbeatPath(), e.toString());
            } finally {
                gone.complete(null);
            }
        });
        try {
            gone.get(LEAVING.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            log.warn("ZooKeeper was not told that the proxy goes: path={}", enrolment.heartbeatPath());
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.shutdown();
    }
}
