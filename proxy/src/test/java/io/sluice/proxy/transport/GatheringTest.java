package io.sluice.proxy.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoRegistration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

class GatheringTest {

    private final Sockets sockets = new Sockets();
    private final List<String> done = new ArrayList<>();
    private long now;
    private long yieldTakes;
    private final Gathering gathering = new Gathering(
            sockets,
            () -> {
                done.add("yield");
                now += yieldTakes;
            },
            () -> now);

    @Test
    void aTurnThatHandledSomethingYieldsAndLooksOnceMoreWithoutWaiting() {
        sockets.will(2, 3);

        assertThat(gathering.run(WAITING)).isEqualTo(5);

        assertThat(done).containsExactly("wait", "yield", "look");
    }

    @Test
    void aWakeUpForATaskDoesNotYield() {
        sockets.will(0);

        assertThat(gathering.run(WAITING)).isZero();

        assertThat(done).containsExactly("wait");
    }

    @Test
    void looksThatBringNothingBecomeFewerUpToABound() {
        sockets.always(1, 0);

        int turns = 100;
        for (int i = 0; i < turns; i++) {
            gathering.run(WAITING);
        }

        long looks = done.stream().filter("look"::equals).count();
        assertThat(looks).isEqualTo(2 + (turns - 3) / (Gathering.MOST_SKIPPED_AFTER_MISSES + 1)); // skips 1, 3, 3 …
    }

    @Test
    void aLookThatBringsSomethingIsFollowedByAnotherInTheNextTurn() {
        sockets.will(1, 0, 1, 1, 4, 1, 2);

        for (int i = 0; i < 4; i++) { // a miss, a turn without a look, and two with one
            gathering.run(WAITING);
        }

        assertThat(done)
                .containsExactly("wait", "yield", "look", "wait", "wait", "yield", "look", "wait", "yield", "look");
    }

    @Test
    void whereOthersKeepTheProcessorForLongItIsNotGivenAwayForAWhile() {
        sockets.always(1, 1);
        yieldTakes = Gathering.LATE_NANOS + 1;

        for (int i = 0; i < 1 + Gathering.SKIPPED_AFTER_LATE; i++) {
            gathering.run(WAITING);
        }
        assertThat(done.stream().filter("yield"::equals)).hasSize(1);

        yieldTakes = 0;
        gathering.run(WAITING);
        assertThat(done.stream().filter("yield"::equals)).hasSize(2);
        assertThat(done).endsWith("look");
    }

    private static final IoHandlerContext WAITING = new IoHandlerContext() {
        @Override
        public boolean canBlock() {
            return true;
        }

        @Override
        public long delayNanos(long currentTimeNanos) {
            return 0;
        }

        @Override
        public long deadlineNanos() {
            return -1;
        }
    };

    /** Handles as many events as it is told. */
    private final class Sockets implements IoHandler {
        private final Deque<Integer> next = new ArrayDeque<>();
        private int eachWait;
        private int eachLook;

        void will(int... counts) {
            for (int count : counts) {
                next.add(count);
            }
        }

        void always(int wait, int look) {
            eachWait = wait;
            eachLook = look;
        }

        @Override
        public int run(IoHandlerContext context) {
            done.add(context.canBlock() ? "wait" : "look");
            Integer told = next.poll();
            return told != null ? told : context.canBlock() ? eachWait : eachLook;
        }

        @Override
        public IoRegistration register(IoHandle handle) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void wakeup() {}

        @Override
        public boolean isCompatible(Class<? extends IoHandle> handleType) {
            return false;
        }
    }
}
