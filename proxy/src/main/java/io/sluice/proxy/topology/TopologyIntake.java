package io.sluice.proxy.topology;

import io.sluice.proxy.topology.TopologyStatus.Refusal;
import io.sluice.routing.cluster.Freezes;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.cluster.TopologyDocument;
import io.sluice.routing.config.ConfigException;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From documents to topologies that are served: in the order of their epochs, the newest if several wait. What cannot be
 * served changes nothing. Thread-safe; the work is done on a thread of its own.
 */
final class TopologyIntake implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(TopologyIntake.class);

    static final long NO_DOCUMENT = -1;

    /** As it was read. */
    static final class Document {
        private final byte[] bytes;
        private final long mzxid;

        /**
         * Keeps the bytes.
         *
         * @param mzxid ZooKeeper's number of the write that made it: the same number, the same document
         */
        Document(byte[] bytes, long mzxid) {
            this.bytes = bytes;
            this.mzxid = mzxid;
        }
    }

    private final String name;
    private final LastGoodFile lastGood;
    private final ExecutorService thread;
    private final AtomicReference<@Nullable Document> waiting = new AtomicReference<>();
    private volatile @Nullable Document newest;
    private volatile @Nullable TopologyTaker taker;
    private volatile Runnable onChange = () -> {};
    private volatile long routedMzxid = NO_DOCUMENT;
    private volatile boolean keepsFile = true;
    private volatile TopologyStatus status = TopologyStatus.none(); // written by the thread, and before it has a taker
    private CompletableFuture<Void> followed = CompletableFuture.completedFuture(null); // the thread's
    private CompletableFuture<Void> former = CompletableFuture.completedFuture(null); // the thread's
    private Topology kept = Topology.NONE; // the thread's

    /** @param name stands in the mistakes of a document where a file's name would */
    TopologyIntake(String name, LastGoodFile lastGood) {
        this.name = name;
        this.lastGood = lastGood;
        this.thread = Executors.newSingleThreadExecutor(task -> {
            Thread made = new Thread(task, "topology");
            made.setDaemon(true);
            return made;
        });
    }

    TopologyStatus status() {
        return status;
    }

    /** Of the document that new requests of all event loops follow; {@link #NO_DOCUMENT} if it is none that was read from ZooKeeper. */
    long routedMzxid() {
        return routedMzxid;
    }

    /** Whether it is for this process to keep the file, and not for another one. */
    void keepFile(boolean keeps) {
        keepsFile = keeps;
    }

    // ---- the first one

    /**
     * What to begin with: the newer one of the newest document and the last good file, of those that can be served. On
     * the caller's thread, before {@link #follow}.
     */
    Topology first(TopologyTaker test) {
        Optional<Topology> kept = lastGood.read().filter(topology -> fits(test, topology));
        Document document = newest;
        Optional<Topology> read = document == null ? Optional.empty() : readable(document, test);
        if (read.isPresent()
                && kept.map(Topology::epoch).orElse(0L) <= read.get().epoch()) {
            return read.get();
        }
        kept.ifPresent(topology ->
                log.warn("Starting with the last good topology: epoch={} file={}", topology.epoch(), lastGood.path()));
        return kept.orElse(Topology.NONE);
    }

    private static boolean fits(TopologyTaker test, Topology topology) {
        try {
            test.check(topology);
            return true;
        } catch (TopologyRefusedException e) {
            log.warn("The last good topology cannot be served: epoch={}\n{}", topology.epoch(), e.getMessage());
            return false;
        }
    }

    private Optional<Topology> readable(Document document, TopologyTaker test) {
        try {
            Topology topology = TopologyDocument.parse(name, document.bytes);
            test.check(topology);
            return Optional.of(topology);
        } catch (ConfigException | TopologyRefusedException e) {
            return Optional.empty(); // told once it is offered to whoever follows
        }
    }

    /** The event loops serve by {@code first}; from now on {@code newTaker} gets what is newer. */
    void follow(Topology first, Uptake uptake, TopologyTaker newTaker, Runnable whenChanged) {
        onChange = whenChanged;
        run(
                () -> { // before anything that is newer
                    status = status.starting(first);
                    await(first, uptake);
                });
        taker = newTaker;
        reconsider();
    }

    // ---- those that follow

    /** A document as it stands in ZooKeeper now. */
    void offer(Document document) {
        newest = document;
        if (taker != null) {
            waiting.set(document);
            run(this::takeNewest);
        }
    }

    /** The newest document may be served now although it was refused before. */
    void reconsider() {
        run(
                () -> { // where none is taken meanwhile: what is newest now would be older than that
                    Document document = newest;
                    if (document != null) {
                        waiting.compareAndSet(null, document);
                        takeNewest();
                    }
                });
    }

    /** There is no document in ZooKeeper. */
    void offerNothing() {
        run(() -> {
            if (!status.deleted()) {
                boolean isLoss = status.routed().epoch() > 0;
                status = status.withoutDocument();
                if (isLoss) {
                    log.warn(
                            "The topology is gone from ZooKeeper, the last one stays in service: path={} epoch={}",
                            name,
                            status.routed().epoch());
                }
            }
        });
    }

    private void takeNewest() {
        Document document = waiting.getAndSet(null);
        TopologyTaker to = taker;
        if (document == null || to == null) {
            return;
        }
        try {
            take(TopologyDocument.parse(name, document.bytes), document, to);
        } catch (ConfigException e) {
            refuse(EpochText.find(document.bytes).orElse(status.routed().epoch() + 1), e.getMessage());
        }
    }

    private void take(Topology next, Document document, TopologyTaker to) {
        long serving = status.routed().epoch();
        if (next.epoch() < serving) {
            passOver(next.epoch());
        } else if (next.epoch() == serving
                && next.pools().equals(status.routed().pools())) {
            status = status.current();
            believe(document);
            onChange.run();
        } else if (next.epoch() == serving) {
            refuse(next.epoch(), "epoch " + serving + " is served, and it was something else; expected a higher one");
        } else {
            serveBy(next, document, to);
        }
    }

    private void serveBy(Topology next, Document document, TopologyTaker to) {
        try {
            Uptake uptake = to.take(next);
            log.info(
                    "Serving by a new topology: epoch={} term={} pools={} before={}",
                    next.epoch(),
                    next.term(),
                    next.pools().size(),
                    status.routed().epoch());
            status = status.routing(next);
            routedMzxid = NO_DOCUMENT;
            await(next, uptake);
            believe(document);
        } catch (TopologyRefusedException e) {
            refuse(next.epoch(), e.getMessage());
        } catch (RuntimeException e) {
            log.error("The topology could not be taken up: epoch={}", next.epoch(), e);
            refuse(next.epoch(), "a fault of this proxy, see its log: " + e);
        }
    }

    /** Once all event loops follow what has been taken so far: one that is stuck still serves by something older. */
    private void believe(Document document) {
        CompletableFuture<Void> all = followed;
        if (all.isDone()) {
            believeIfFollowed(all, document);
        } else {
            all.whenComplete((nothing, failure) -> run(() -> {
                if (all == followed) { // else something newer has been taken
                    believeIfFollowed(all, document);
                    onChange.run();
                }
            }));
        }
    }

    private void believeIfFollowed(CompletableFuture<Void> all, Document document) {
        if (!all.isCompletedExceptionally()) {
            routedMzxid = document.mzxid;
        }
    }

    /** It is acknowledged after all that came before it. */
    private void await(Topology next, Uptake uptake) {
        followed = CompletableFuture.allOf(followed, uptake.followed());
        former = CompletableFuture.allOf(former, uptake.settled()).handle((nothing, failure) -> {
            run(() -> settled(next, failure));
            return null;
        });
    }

    private void settled(Topology next, @Nullable Throwable failure) {
        if (failure != null) {
            log.error("Not all event loops follow the topology: epoch={}", next.epoch(), failure);
            return;
        }
        status = status.settled(next.epoch());
        onChange.run();
        keep(next);
    }

    /** A freeze is not kept: clients wait until ZooKeeper's disk has it all, and slots on their way need a lease anyway. */
    private void keep(Topology next) {
        if (keepsFile && next.epoch() > 0 && !Freezes.areAllThatIsNew(kept, next)) {
            lastGood.write(next);
            kept = next;
        }
    }

    private void passOver(long epoch) {
        if (status.behind() != epoch) {
            status = status.behind(epoch);
            log.warn(
                    "The topology in ZooKeeper is older than what is served, which stays: path={} epoch={} served={};"
                            + " if the cluster was made anew, stop the proxy, remove {} and start it",
                    name,
                    epoch,
                    status.routed().epoch(),
                    lastGood.path());
        }
    }

    private void refuse(long epoch, String reason) {
        if (thread.isShutdown()) {
            return;
        }
        Refusal before = status.refusal();
        if (before != null && before.epoch() == epoch && before.reason().equals(reason)) {
            return;
        }
        status = status.refusing(new Refusal(epoch, reason, Instant.now()));
        log.error(
                "Topology refused, the former one stays in service: path={} epoch={} served={}\n{}",
                name,
                epoch,
                status.routed().epoch(),
                reason);
        onChange.run();
    }

    private void run(Runnable task) {
        try {
            thread.execute(task);
        } catch (RejectedExecutionException e) {
            log.debug("Closed, a topology comes too late: path={}", name);
        }
    }

    @Override
    public void close() {
        thread.shutdown();
    }
}
