package io.sluice.manager.migration;

import io.sluice.manager.migration.engine.Cleanup;
import io.sluice.manager.migration.engine.ClockSkew;
import io.sluice.manager.migration.engine.ConnectionGate;
import io.sluice.manager.migration.engine.ConnectionLedger;
import io.sluice.manager.migration.engine.CopyFailure;
import io.sluice.manager.migration.engine.CopyLimits;
import io.sluice.manager.migration.engine.CopyPlan;
import io.sluice.manager.migration.engine.CopyProgress;
import io.sluice.manager.migration.engine.DrainResult;
import io.sluice.manager.migration.engine.EngineChoice;
import io.sluice.manager.migration.engine.EngineKind;
import io.sluice.manager.migration.engine.KeyCensus;
import io.sluice.manager.migration.engine.KeyFilter;
import io.sluice.manager.migration.engine.MaintenanceConnection;
import io.sluice.manager.migration.engine.Preflight;
import io.sluice.manager.migration.engine.RedisEndpoint;
import io.sluice.manager.migration.engine.SlotCopy;
import io.sluice.manager.migration.engine.SwitchLinks;
import io.sluice.manager.store.Orders;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Moves the keys of one handoff with one of the engines. As {@link Mover} says, used by one thread. */
public final class EngineMover implements Mover {

    private static final Logger log = LoggerFactory.getLogger(EngineMover.class);

    /** The look at random keys while clients wait takes no longer. */
    private static final Duration SAMPLE_TIME = Duration.ofMillis(50);

    /**
     * How to move.
     *
     * @param engine null for the one that suits best
     * @param allKeys whether everything on the source moves
     * @param share of the source's keys that moves, 0 to 1, estimated
     * @param samples random keys to compare before the switch; 0 for none
     */
    public record Manner(@Nullable EngineKind engine, boolean allKeys, double share, int samples) {}

    private final CopyPlan plan;
    private final Manner manner;
    private final ConnectionLedger ledger;
    private boolean opened; // its page, when there was none
    private boolean begun; // whatever becomes of what the ledger says
    private @Nullable SlotCopy copy;
    private @Nullable EngineKind engine;
    private @Nullable Failure failure;
    private @Nullable KeyCensus census;
    private @Nullable SwitchLinks links; // from shortly before a freeze to its end
    private @Nullable CopyProgress last;
    private String reason = "";
    private Orders orders = Orders.NONE;
    private CopyLimits limits;

    /** The plan's register is not asked: connections go into the ledger. */
    public EngineMover(CopyPlan plan, Manner manner, ConnectionLedger ledger) {
        this.plan = plan.withRegister(ledger);
        this.limits = plan.limits();
        this.manner = manner;
        this.ledger = ledger;
    }

    @Override
    public void order(Orders wanted) {
        if (wanted.equals(orders)) {
            return;
        }
        orders = wanted;
        limits = OrderedLimits.of(wanted, plan.limits());
        copy().ifPresent(current -> {
            current.limits(limits);
            if (wanted.paused()) {
                current.pause();
            } else {
                current.resume();
            }
        });
    }

    @Override
    public Optional<String> announce() {
        try {
            opened = opened || !ledger.isBegun();
            ledger.begin();
            return Optional.empty();
        } catch (ConnectionLedger.LedgerException e) {
            return Optional.of("The move cannot be written down: " + e.getMessage());
        }
    }

    @Override
    public void begin() {
        begun = true;
        close();
        failure = null;
        last = null;
        Optional<String> problem = endEarlier().or(() -> copies().promote()).or(this::chooseEngine);
        EngineKind chosen = engine;
        if (problem.isPresent() || chosen == null) {
            failure = new Failure(true, problem.orElse("No engine can move these keys"));
            return;
        }
        log.info("Engine chosen: handoff={} engine={} reason={}", plan.id(), chosen, reason);
        SlotCopy begun = chosen.prepare(plan.withLimits(limits));
        copy = begun;
        begun.start();
    }

    /**
     * Nothing that an earlier attempt has sent, here or by another manager, may be executed any more. What wrote to a server
     * that is none of these now, as before a failover, stays written down: it matters when that one is a primary again.
     */
    private Optional<String> endEarlier() {
        try {
            List<MaintenanceConnection> earlier = ledger.announced();
            for (RedisEndpoint server : servers()) {
                Optional<CopyFailure> left = ConnectionGate.close(server, earlier);
                if (left.isPresent()) {
                    return left.map(CopyFailure::message);
                }
            }
            ledger.forget(earlier.stream().filter(this::isOver).toList());
            return Optional.empty();
        } catch (ConnectionLedger.LedgerException e) {
            return Optional.of("The connections of earlier attempts are not known: " + e.getMessage());
        }
    }

    /** Ended just now, or it does no harm. */
    private boolean isOver(MaintenanceConnection connection) {
        return connection.purpose() == MaintenanceConnection.Purpose.READ
                || servers().stream().anyMatch(server -> server.address().equals(connection.node()));
    }

    /** Those where something was written on behalf of the handoff. */
    private List<RedisEndpoint> servers() {
        return List.of(plan.source(), plan.target());
    }

    private TargetCopies copies() {
        return new TargetCopies(plan.id(), plan.target(), plan.sourceServers(), plan.moving(), ledger);
    }

    private Optional<String> chooseEngine() {
        Optional<EngineKind> wanted = wanted();
        if (wanted.isPresent()) {
            engine = wanted.get();
            reason = "asked for";
        } else {
            Optional<EngineChoice> choice = EngineChoice.between(plan.source(), plan.target(), manner.allKeys());
            engine = choice.map(EngineChoice::engine).orElse(EngineKind.TRACK); // the preflight says what it lacks
            reason = choice.map(EngineChoice::reason).orElse("");
        }
        return preflight(engine);
    }

    private Optional<EngineKind> wanted() {
        return switch (orders.engine()) {
            case AUTO -> Optional.ofNullable(manner.engine());
            case STREAM -> Optional.of(EngineKind.STREAM);
            case TRACK -> Optional.of(EngineKind.TRACK);
            case REPLICA -> Optional.of(EngineKind.REPLICA);
        };
    }

    private Optional<String> preflight(EngineKind chosen) {
        List<String> refusals = new ArrayList<>();
        for (Preflight.Finding finding : Preflight.run(plan.source(), plan.target(), manner.share(), chosen)) {
            if (finding.refuses()) {
                refusals.add(finding.message());
            } else {
                log.warn("Before a copy: handoff={}: {}", plan.id(), finding.message());
            }
        }
        return refusals.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", refusals));
    }

    @Override
    public boolean isCaughtUp() {
        SlotCopy current = copy;
        return current != null && current.caughtUp() && isComplete(current) && current.caughtUp();
    }

    /** Looked at once for each copy, before the first freeze: clients wait for none of it. */
    private boolean isComplete(SlotCopy current) {
        KeyCensus underway = census;
        if (underway == null) {
            census = KeyCensus.start(plan.withLimits(limits), current::caughtUp);
            return false;
        }
        KeyCensus.Result counted = underway.result().orElse(null);
        if (counted == null) {
            return false;
        }
        CopyFailure problem = counted.failure();
        if (problem != null) {
            close();
            failure = new Failure(problem.kind().mayRepeat(), problem.message());
        }
        return problem == null;
    }

    @Override
    public Optional<Failure> failure() {
        SlotCopy current = copy;
        if (failure == null && current != null) {
            return current.progress()
                    .failure()
                    .map(why -> new Failure(why.kind().mayRepeat(), why.message()));
        }
        return Optional.ofNullable(failure);
    }

    @Override
    public Optional<String> prepareSwitch() {
        dropLinks();
        EngineKind kind = engine;
        return kind == null
                ? Optional.of("Nothing is copied")
                : links(kind).failure().map(CopyFailure::message);
    }

    /** Those that were made before, or made now. */
    private SwitchLinks links(EngineKind kind) {
        SwitchLinks made = links == null ? SwitchLinks.open(plan, kind, skew()) : links;
        links = made;
        return made;
    }

    private Optional<ClockSkew> skew() {
        return copy().flatMap(SlotCopy::skew);
    }

    private void dropLinks() {
        SwitchLinks open = links;
        links = null;
        if (open != null) {
            open.close();
        }
    }

    /** Then looks at random keys; a difference makes this copy worthless. */
    @Override
    public Optional<String> drain(Duration limit) {
        SlotCopy current = copy;
        EngineKind kind = engine;
        if (current == null || kind == null) {
            return Optional.of("Nothing is copied");
        }
        DrainResult drained = current.drain(limit);
        if (!drained.isComplete()) {
            return drained.failure().map(CopyFailure::message);
        }
        long begin = System.nanoTime();
        long left = limit.minus(drained.took()).toNanos();
        long deadline = begin + Math.min(SAMPLE_TIME.toNanos(), Math.max(0, left));
        Optional<String> difference = links(kind).difference(current.sample(), manner.samples(), deadline);
        log.info(
                "Drained: handoff={} drain_ms={} compare_ms={}",
                plan.id(),
                drained.took().toMillis(),
                Duration.ofNanos(System.nanoTime() - begin).toMillis());
        difference.ifPresent(what -> {
            close();
            failure = new Failure(true, what);
        });
        return difference;
    }

    @Override
    public Optional<String> closeGate() {
        SlotCopy current = copy;
        EngineKind kind = engine;
        if (current == null || kind == null) {
            return Optional.of("Nothing is copied");
        }
        SwitchLinks open = links(kind);
        Optional<CopyFailure> left = open.end(current.writers());
        if (left.isEmpty()) {
            last = current.progress();
            copy = null;
            links = null;
            end(current, open);
        }
        return left.map(CopyFailure::message);
    }

    /** Its threads and files go while clients are served again. */
    private void end(SlotCopy done, SwitchLinks open) {
        Runnable ending = () -> {
            open.close();
            done.close();
        };
        Thread thread = new Thread(ending, "sluice-move-" + plan.id() + "-end");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void follow() {
        dropLinks();
        SlotCopy current = copy;
        if (current != null) {
            current.follow();
        }
    }

    @Override
    public Optional<String> purgeTarget(KeyFilter which) {
        close();
        try {
            // else others may give these slots to the target now: nothing is cleared in vain
            return begun || (!opened && ledger.isBegun()) ? copies().purge(which, limits) : Optional.empty();
        } catch (ConnectionLedger.LedgerException e) {
            return Optional.of("Whether anything was copied is not known: " + e.getMessage());
        }
    }

    @Override
    public Optional<String> cleanSource() {
        close();
        return endEarlier().or(this::cleaned);
    }

    private Optional<String> cleaned() {
        try (Cleanup cleanup = new Cleanup(plan.source(), plan.moving(), ledger, limits)) {
            Cleanup.Result result = cleanup.run();
            log.info("Keys taken off: handoff={} server={} keys={}", plan.id(), plan.source(), result.removed());
            return result.failure().map(CopyFailure::message);
        }
    }

    /** The copy that runs, for pausing and limits; empty between attempts. */
    public Optional<SlotCopy> copy() {
        return Optional.ofNullable(copy);
    }

    @Override
    public String progress() {
        SlotCopy current = copy;
        return current == null ? failure().map(Failure::message).orElse("nothing is copied") : line(current.progress());
    }

    @Override
    public Optional<CopyProgress> numbers() {
        return copy().map(SlotCopy::progress).or(() -> Optional.ofNullable(last));
    }

    @Override
    public String reason() {
        return reason;
    }

    private static String line(CopyProgress progress) {
        return Stream.of(
                        progress.engine().name().toLowerCase(Locale.ROOT),
                        progress.state().name().toLowerCase(Locale.ROOT) + (progress.paused() ? " (paused)" : ""),
                        Math.round(progress.done() * 100) + " %",
                        progress.keys() + " keys",
                        Math.round(progress.keysPerSecond()) + " keys/s",
                        (Math.round(progress.bytesPerSecond()) >> 10) + " KiB/s",
                        "lag " + (progress.lagBytes() >> 10) + " KiB",
                        progress.dirtyKeys() + " dirty",
                        "spool " + (progress.spoolBytes() >> 20) + " MiB",
                        "ping " + progress.ping().toMillis() + " ms")
                .collect(Collectors.joining(", "));
    }

    @Override
    public void close() {
        dropLinks();
        KeyCensus underway = census;
        census = null;
        if (underway != null) {
            underway.close();
        }
        SlotCopy current = copy;
        copy = null;
        if (current != null) {
            current.close();
        }
    }
}
