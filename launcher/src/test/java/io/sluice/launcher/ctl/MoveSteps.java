package io.sluice.launcher.ctl;

import io.sluice.manager.migration.Mover;
import io.sluice.manager.migration.Movers;
import io.sluice.manager.migration.engine.CopyProgress;
import io.sluice.manager.migration.engine.KeyFilter;
import io.sluice.manager.store.Orders;
import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.cluster.SlotPool;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Around a manager's movers: does something, once, when a move comes to a step, before the step is done. Thread-safe. */
final class MoveSteps {

    /** Where a move is. */
    enum Step {
        /** The COPY is written, nothing is copied yet. */
        BEGUN,
        /** Keys are copied, or what is written is followed. */
        COPYING,
        /** The copy follows closely, and no freeze has begun. */
        CAUGHT_UP,
        /** Every proxy has acknowledged the freeze or is fenced; the last writes are not brought over yet. */
        FROZEN,
        /** They are; the mover's connections live. */
        DRAINED,
        /** The target owns the slots; the source is about to be cleaned. */
        CLEANED
    }

    private record Planned(Step step, Runnable action) {}

    private final AtomicReference<@Nullable Planned> planned = new AtomicReference<>();
    private volatile boolean copyIsHeld;

    /** Does this when the next move comes to the step. */
    void at(Step step, Runnable action) {
        planned.set(new Planned(step, action));
    }

    /** No move leaves its copy meanwhile. */
    void holdCopy(boolean held) {
        copyIsHeld = held;
    }

    private void reached(Step step) {
        Planned next = planned.get();
        if (next != null && next.step() == step && planned.compareAndSet(next, null)) {
            next.action().run();
        }
    }

    Movers around(Movers movers) {
        return new Movers() {
            @Override
            public Mover moverOf(SlotPool pool, Handoff handoff) {
                return new Watched(movers.moverOf(pool, handoff));
            }

            @Override
            public void forget(String handoff) {
                movers.forget(handoff);
            }
        };
    }

    private final class Watched implements Mover {
        private final Mover mover;

        Watched(Mover mover) {
            this.mover = mover;
        }

        @Override
        public void order(Orders orders) {
            mover.order(orders);
        }

        @Override
        public String reason() {
            return mover.reason();
        }

        @Override
        public Optional<String> announce() {
            return mover.announce();
        }

        @Override
        public void begin() {
            reached(Step.BEGUN);
            mover.begin();
        }

        @Override
        public boolean isCaughtUp() {
            reached(Step.COPYING);
            boolean caughtUp = mover.isCaughtUp() && !copyIsHeld;
            if (caughtUp) {
                reached(Step.CAUGHT_UP);
            }
            return caughtUp;
        }

        @Override
        public Optional<Failure> failure() {
            return mover.failure();
        }

        @Override
        public Optional<String> prepareSwitch() {
            return mover.prepareSwitch();
        }

        @Override
        public Optional<String> drain(Duration limit) {
            reached(Step.FROZEN);
            return mover.drain(limit);
        }

        @Override
        public Optional<String> closeGate() {
            reached(Step.DRAINED);
            return mover.closeGate();
        }

        @Override
        public void follow() {
            mover.follow();
        }

        @Override
        public Optional<String> purgeTarget(KeyFilter which) {
            return mover.purgeTarget(which);
        }

        @Override
        public Optional<String> cleanSource() {
            reached(Step.CLEANED);
            return mover.cleanSource();
        }

        @Override
        public String progress() {
            return mover.progress();
        }

        @Override
        public Optional<CopyProgress> numbers() {
            return mover.numbers();
        }

        @Override
        public void close() {
            mover.close();
        }
    }
}
