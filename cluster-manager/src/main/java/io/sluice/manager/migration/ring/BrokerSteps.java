package io.sluice.manager.migration.ring;

import io.sluice.routing.cluster.RingChange;
import io.sluice.routing.cluster.RingChangeState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a change of a ring of queues needs in each state before the next. Used by one thread.
 *
 * <pre>
 *   PREPARE   nothing but lists on old, nothing on new
 *   SEALED    the same once more: now it stays so. Else back to PREPARE, where clients can do something about it
 *   DRAINING  nothing on old, for a while
 * </pre>
 *
 * On the way back nothing is wrong with what is on the servers that the keys come to: it was theirs before.
 */
final class BrokerSteps implements RingSteps {

    /** From a SEALED that was in vain to the look after which the next may begin; it begins with {@link RingRules#repeatPause}. */
    static final Duration MOST_UNSEALED_PAUSE = Duration.ofMinutes(1);

    private final RingServers servers;
    private final RingTools tools;
    private final RingNotes notes;
    private final Errand<Holdings> look;
    private List<String> obstacles = List.of(); // as of the last look
    private boolean emptied; // as of the last look
    private @Nullable Long emptySince;
    private long sentAt;
    private long lookedIn; // the epoch that entered the state then
    private long notBefore; // other looks than those of SEALED
    private Duration unsealedPause; // after the next SEALED that is in vain

    BrokerSteps(RingServers servers, RingTools tools, RingNotes notes) {
        this.servers = servers;
        this.tools = tools;
        this.notes = notes;
        this.look = new Errand<>(tools.executor());
        this.notBefore = tools.now();
        this.unsealedPause = tools.rules().repeatPause();
        lookAtOnce();
    }

    private void lookAtOnce() {
        sentAt = tools.now() - tools.rules().lookPause().toNanos();
    }

    @Override
    public RingStep next(RingChange change) {
        return switch (change.state()) {
            case PREPARE -> ifOnlyQueues(change, RingChangeState.SEALED);
            case SEALED -> ifOnlyQueues(change, RingChangeState.TURNING);
            case TURNING -> entered(RingStep.enter(RingChangeState.DRAINING));
            case DRAINING -> draining(change);
            case INVALIDATE, WINDOW, CLOSING ->
                throw new IllegalStateException("Queues are never in " + change.state());
        };
    }

    // ---- before elements go to the new servers: all of this can be aborted at once

    private RingStep ifOnlyQueues(RingChange change, RingChangeState next) {
        Optional<Errand.Outcome<Holdings>> back = found(change);
        if (back.isEmpty()) {
            sendToLook(change);
            notes.waitsFor(obstacles);
            return RingStep.stay(look.isOut() ? "looks what the old servers have" : "looks again soon");
        }
        if (back.get().value().isEmpty()) {
            return orUnsealed(change, failed(back.get().failure()));
        }
        Holdings found = back.get().value().get();
        notes.queues(found.queues().keys());
        notes.succeeded();
        obstacles = obstacles(change, found);
        notes.obstructedBy(obstacles);
        if (obstacles.isEmpty()) {
            return entered(RingStep.enter(next));
        }
        pause();
        return orUnsealed(change, RingStep.stay("looks again soon"));
    }

    /** While nobody knows how long it takes, clients are not refused anything; and ever more rarely, if that was in vain. */
    private RingStep orUnsealed(RingChange change, RingStep stay) {
        if (change.state() != RingChangeState.SEALED) {
            return stay;
        }
        notBefore = tools.now() + unsealedPause.toNanos();
        Duration doubled = unsealedPause.multipliedBy(2);
        unsealedPause = doubled.compareTo(MOST_UNSEALED_PAUSE) < 0 ? doubled : MOST_UNSEALED_PAUSE;
        return RingStep.enter(RingChangeState.PREPARE);
    }

    private static List<String> obstacles(RingChange change, Holdings found) {
        List<String> obstacles = new ArrayList<>();
        String abort = change.back()
                ? "abort: then the new servers stay, and what else is on those that leave is not served any more"
                : "abort: then nothing has changed";
        if (!found.others().isNothing()) {
            obstacles.add(found.others()
                            .told(
                                    "key would get another server and is no list",
                                    "keys would get another server and are no lists")
                    + ", and nobody would move " + it(found.others()) + "; take " + it(found.others()) + " away, or "
                    + abort);
        }
        if (!found.early().isNothing() && !change.back()) {
            obstacles.add(
                    found.early().told("key is at its new server already", "keys are at their new servers already")
                            + ", so old messages would come again; take " + it(found.early()) + " away, or " + abort);
        }
        return obstacles;
    }

    private static String it(Holdings.Found found) {
        return found.keys() == 1 ? "it" : "them";
    }

    // ---- until the old servers are empty

    private RingStep draining(RingChange change) {
        Optional<Errand.Outcome<Holdings>> back = found(change);
        if (back.isPresent() && back.get().value().isEmpty()) {
            emptySince = null;
            return failed(back.get().failure());
        }
        if (back.isPresent() && isEmptyForLong(change, back.get().value().get())) {
            return change.turning() ? RingStep.turnBack(RingChangeState.SEALED) : RingStep.finish();
        }
        sendToLook(change);
        notes.waitsFor(obstacles);
        Long since = emptySince;
        if (since != null) {
            notes.endsAt(tools.clock().instant().plus(change.grace().minusNanos(tools.now() - since)));
        }
        return RingStep.stay(
                emptied && since != null
                        ? "old has nothing left, and is watched for a while"
                        : "consumers empty the old servers");
    }

    private boolean isEmptyForLong(RingChange change, Holdings found) {
        notes.queues(found.queues().keys());
        notes.succeeded();
        obstacles = left(change, found);
        emptied = obstacles.isEmpty();
        if (!emptied) {
            emptySince = null;
            return false;
        }
        Duration grace = change.grace();
        Long since = emptySince;
        if (since == null) {
            emptySince = sentAt;
            return grace.isZero();
        }
        return sentAt - since >= grace.toNanos();
    }

    /** Where it goes back, keys that are no lists are served again by the server that they are on. */
    private static List<String> left(RingChange change, Holdings found) {
        List<String> left = new ArrayList<>();
        if (!found.queues().isNothing()) {
            left.add(found.queues()
                    .told(
                            "queue at its old server has elements that nobody has taken",
                            "queues at their old servers have elements that nobody has taken"));
        }
        if (!found.others().isNothing() && !change.turning()) {
            left.add(found.others().told("key at the old server is no list", "keys at the old servers are no lists")
                    + ", and nobody moves " + it(found.others()) + "; delete " + it(found.others())
                    + " (DEL is served), or abort: then "
                    + (found.others().keys() == 1 ? "it stays where it was" : "they stay where they were"));
        }
        return left;
    }

    // ---- looking

    /** What was found in an earlier state says nothing of this one: that may have come from elsewhere since. */
    private Optional<Errand.Outcome<Holdings>> found(RingChange change) {
        Optional<Errand.Outcome<Holdings>> back = look.take();
        return lookedIn == change.since() ? back : Optional.empty();
    }

    private void sendToLook(RingChange change) {
        // clients are refused something until it has looked
        boolean isSealed = change.state() == RingChangeState.SEALED;
        boolean mayGo = (isSealed || tools.now() - notBefore >= 0)
                && tools.now() - sentAt >= tools.rules().lookPause().toNanos();
        if (!look.isOut() && mayGo) {
            sentAt = tools.now();
            lookedIn = change.since();
            look.send(servers::holdings);
        }
    }

    /** What was found is of the state that it leaves. */
    private RingStep entered(RingStep step) {
        obstacles = List.of();
        emptySince = null;
        lookAtOnce();
        return step;
    }

    private RingStep failed(String why) {
        notes.failed(why);
        pause();
        return RingStep.stay("tries again soon");
    }

    private void pause() {
        notBefore = tools.now() + tools.rules().repeatPause().toNanos();
    }
}
