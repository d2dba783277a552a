package io.sluice.proxy.topology;

import io.sluice.proxy.topology.TopologyIntake.Document;
import io.sluice.routing.cluster.Heartbeat;
import io.sluice.routing.cluster.ProxyRegistration;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.cluster.ZnodePaths;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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

    /** Version of a node that must not be looked at. */
    private static final int ANY = -1;

    /** What is waited for, of one beat. */
    private static final class Round {
        private final long nanos = System.nanoTime();
        private final long millis = System.currentTimeMillis();
        private boolean written;
    }

    private final ZooKeeperSession session;
    private final ZnodePaths paths;
    private final String heartbeatPath;
    private final Registration registration;
    private final TopologyIntake intake;
    private final Lease lease;
    private final Duration interval;
    private final Duration patience;
    private final ScheduledExecutorService thread;
    private final Watcher watcher = this::onEvent;
    private final CompletableFuture<Void> firstLook = new CompletableFuture<>();
    private volatile boolean closed;
    private volatile boolean superseded;
    private volatile boolean registered;
    private volatile boolean acknowledges;

    // the thread's
    private @Nullable ScheduledFuture<?> next;
    private @Nullable Round round; // the one under way
    private @Nullable Round newest; // the last one that came to its end
    private long newestMzxid = TopologyIntake.NO_DOCUMENT; // of the document it read
    private long offeredMzxid = TopologyIntake.NO_DOCUMENT;
    private boolean wasRegistered;
    private boolean again;
    private boolean versionKnown;
    private int heartbeatVersion = ANY;
    private long liveSession;
    private long sequence;
    private @Nullable ProxyRegistration toDescribe;
    private volatile String trouble = ""; // written by the thread

    Heartbeats(
            ZooKeeperSession session,
            ZnodePaths paths,
            String proxyId,
            Registration registration,
            TopologyIntake intake,
            Lease lease,
            Duration interval,
            Duration patience,
            boolean acknowledges) {
        this.session = session;
        this.paths = paths;
        this.heartbeatPath = paths.heartbeat(proxyId);
        this.registration = registration;
        this.intake = intake;
        this.lease = lease;
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

    boolean isRegistered() {
        return registered;
    }

    /** Whether another process has this proxy's name now. */
    boolean isSuperseded() {
        return superseded;
    }

    /** From now on it is told which epoch is served: nobody else serves under this name any more. */
    void acknowledge() {
        acknowledges = true;
        beatSoon();
    }

    /** What is wrong between us and ZooKeeper; empty if nothing is known to be. */
    String trouble() {
        return trouble;
    }

    /** Registers once more, whoever has done so in between: that process has gone. */
    void reclaim() {
        run(() -> {
            superseded = false;
            registered = false;
            wasRegistered = false;
            intake.keepFile(true);
            beat();
        });
    }

    /** Says something else of the proxy than before. */
    void describe(ProxyRegistration self) {
        run(() -> {
            toDescribe = self;
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
            log.debug("Closed: path={}", heartbeatPath);
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
            if (superseded) {
                takeBackIfFree();
            } else {
                ensureRegistered();
            }
            if (superseded) {
                look();
            } else {
                send();
            }
        } catch (Exception e) {
            note(e.toString());
            lookAllTheSame();
        }
    }

    /** The process that has our name may have gone, as one that found its port taken: then this one is the proxy again. */
    private void takeBackIfFree() throws Exception {
        if (registration.isNobodys()) {
            log.info("The name is free again: path={}", heartbeatPath);
            superseded = false;
            registered = false;
            register();
            intake.keepFile(!superseded);
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

    private void ensureRegistered() throws Exception {
        if (registered && !versionKnown) {
            findVersion();
        }
        if (!registered && !superseded) {
            register();
        }
        if (toDescribe != null && !superseded) {
            tellOtherwise(toDescribe);
        }
        showLife();
    }

    /** After a write of which nothing was heard. An operator may have removed a proxy that was silent for long. */
    private void findVersion() throws Exception {
        if (registration.belongsToAnother()) {
            supersede();
            return;
        }
        OptionalInt version = registration.heartbeatVersion();
        registered = version.isPresent();
        versionKnown = version.isPresent();
        heartbeatVersion = version.orElse(ANY);
    }

    private void tellOtherwise(ProxyRegistration next) throws Exception {
        if (!registration.describe(next)) {
            register();
        }
        toDescribe = null;
    }

    private void register() throws Exception {
        int version = registration.write(heartbeat(), !wasRegistered);
        if (version == Registration.ANOTHERS) {
            supersede();
            return;
        }
        heartbeatVersion = version;
        versionKnown = true;
        registered = true;
        wasRegistered = true;
        log.info(
                "Registered: path={} incarnation={} epoch={}",
                heartbeatPath,
                registration.incarnation(),
                intake.status().applied());
    }

    private void showLife() throws Exception {
        long now = session.handle().getSessionId();
        if (now != liveSession && registered && !superseded) {
            registration.showLife();
            liveSession = now;
        }
    }

    private Heartbeat heartbeat() {
        TopologyStatus status = intake.status();
        TopologyStatus.Refusal refusal = status.refusal();
        return new Heartbeat(
                registration.incarnation(),
                ++sequence,
                acknowledges ? status.applied() : 0,
                refusal == null ? 0 : refusal.epoch(),
                refusal == null ? "" : refusal.reason());
    }

    private void send() throws Exception {
        if (superseded) {
            return;
        }
        ZooKeeper handle = session.handle();
        Round sent = new Round();
        round = sent;
        handle.setData(
                heartbeatPath,
                heartbeat().bytes(),
                heartbeatVersion,
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
            heartbeatVersion = stat.getVersion();
            note("");
        } else if (code == Code.NONODE) {
            log.warn("The registration is gone, registering again: path={}", heartbeatPath);
            registered = false;
            again = true;
        } else if (code == Code.BADVERSION) { // another process', or a write of ours of which nothing was heard
            versionKnown = false;
            again = true;
        } else {
            versionKnown = false;
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

    private void supersede() {
        superseded = true;
        intake.keepFile(false);
        log.warn(
                "Another process has registered under this name; this one follows the topology and is counted no more."
                        + " If it has not been taken over from, give one of the two another proxy_id: path={}",
                heartbeatPath);
    }

    /** Logs what is wrong, once for as long as it is the same; away from ZooKeeper the session has said it. */
    private void note(String problem) {
        boolean isNews = !problem.isEmpty() && !problem.equals(trouble) && session.isConnected();
        trouble = problem;
        if (isNews) {
            log.warn("ZooKeeper did not take the heartbeat: path={} error={}", heartbeatPath, problem);
        }
    }

    // ---- the end

    /** Takes the registration away, if it is ours. Blocks for a few seconds at most. */
    void leave() {
        CompletableFuture<Void> gone = new CompletableFuture<>();
        run(() -> {
            closed = true;
            try {
                if (registered && !superseded && session.isConnected()) {
                    registration.remove();
                }
            } catch (Exception e) {
                log.warn("The registration stays behind: path={} error={}", heartbeatPath, e.toString());
            } finally {
                gone.complete(null);
            }
        });
        try {
            gone.get(LEAVING.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            log.warn("ZooKeeper was not told that the proxy goes: path={}", heartbeatPath);
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.shutdown();
    }
}
