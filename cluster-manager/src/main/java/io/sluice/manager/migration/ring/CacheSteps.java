package io.sluice.manager.migration.ring;

import io.sluice.routing.cluster.RingChange;
import io.sluice.routing.cluster.RingChangeState;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a change of a ring of caches needs in each state before the next. Used by one thread. */
final class CacheSteps implements RingSteps {

    private static final Logger log = LoggerFactory.getLogger(CacheSteps.class);

    private final String id;
    private final RingServers servers;
    private final RingTools tools;
    private final RingNotes notes;
    private final Errand<Long> sweep;
    private final GiverWatch watch;
    private @Nullable Long closedSince;
    private long notBefore;

    CacheSteps(String id, RingServers servers, RingTools tools, RingNotes notes) {
        this.id = id;
        this.servers = servers;
        this.tools = tools;
        this.notes = notes;
        this.sweep = new Errand<>(tools.executor());
        this.watch = new GiverWatch(servers, tools);
        this.notBefore = tools.now();
    }

    @Override
    public RingStep next(RingChange change) {
        return switch (change.state()) {
            case PREPARE -> sweep();
            case INVALIDATE ->
                change.turning() ? RingStep.turnBack(RingChangeState.WINDOW) : RingStep.enter(RingChangeState.WINDOW);
            case WINDOW -> window(change);
            case CLOSING -> closing(change);
            case SEALED, TURNING, DRAINING -> throw new IllegalStateException("A cache is never in " + change.state());
        };
    }

    private RingStep sweep() {
        Optional<Errand.Outcome<Long>> back = sweep.take();
        if (back.isPresent()) {
            if (back.get().value().isEmpty()) {
                notes.failed(back.get().failure());
                notBefore = tools.now() + tools.rules().repeatPause().toNanos();
                return RingStep.stay("tries again soon");
            }
            long removed = back.get().value().get();
            notes.swept(removed);
            notes.succeeded();
            log.info("No leftovers on the new owners: change={} removed={}", id, removed);
            return RingStep.enter(RingChangeState.INVALIDATE);
        }
        if (!sweep.isOut() && tools.now() - notBefore >= 0) {
            sweep.send(servers::sweep);
        }
        return RingStep.stay(sweep.isOut() ? "takes leftovers off the new owners" : "tries again soon");
    }

    private RingStep window(RingChange change) {
        Instant end = change.entered().plus(change.window());
        notes.endsAt(end);
        Optional<String> away = watch.awayForLong();
        away.ifPresent(reason -> notes.failed("the window ends early: " + reason));
        return away.isPresent() || !tools.clock().instant().isBefore(end)
                ? RingStep.enter(RingChangeState.CLOSING)
                : RingStep.stay("old and new are asked");
    }

    private RingStep closing(RingChange change) {
        Duration grace = change.grace().compareTo(RingChange.CLOSING) > 0 ? change.grace() : RingChange.CLOSING;
        Long since = closedSince;
        if (since == null) {
            closedSince = tools.now();
            since = closedSince;
        }
        Duration left = grace.minusNanos(tools.now() - since);
        notes.endsAt(tools.clock().instant().plus(left));
        return left.isNegative() || left.isZero() ? RingStep.finish() : RingStep.stay("old is asked no more");
    }
}
