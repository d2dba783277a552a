package io.sluice.proxy.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.IoEvent;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class GatheringTest {

    private final Sockets sockets = new Sockets();
    private final List<String> done = new ArrayList<>();
    private long now;
    private long yieldTakes;
    private long pauseTakes = Gathering.PAUSE_NANOS;
    private boolean scarce;
    private final Gathering gathering = new Gathering(sockets, new SharedProcessor());
    private final Client client = new Client();

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

    @Test
    void aSmallTurnPausesAndLooksOnceMoreWhereProcessorsAreScarce() throws Exception {
        scarce = true;
        reads(Gathering.LEAST_READS, 100);
        sockets.will(3, 0, 2);

        assertThat(gathering.run(WAITING)).isEqualTo(5);

        assertThat(done).containsExactly("wait", "yield", "look", "pause", "look");
    }

    @Test
    void nobodyWaitsForMoreWhereProcessorsAreIdle() throws Exception {
        reads(Gathering.LEAST_READS, 100);
        sockets.will(3, 0);

        gathering.run(WAITING);

        assertThat(done).containsExactly("wait", "yield", "look");
    }

    @Test
    void aSingleClientIsNotLetWait() throws Exception {
        scarce = true;
        reads(Gathering.LEAST_READS - 1, 100);
        sockets.will(2, 0);

        gathering.run(WAITING);

        assertThat(done).doesNotContain("pause");
    }

    @Test
    void aTurnOfManyReadsIsSentAtOnce() throws Exception {
        scarce = true;
        reads(Gathering.ENOUGH_READS, 100);
        sockets.will(Gathering.ENOUGH_READS, 0);

        gathering.run(WAITING);

        assertThat(done).doesNotContain("pause");
    }

    @Test
    void aTurnOfManyBytesIsSentAtOnce() throws Exception {
        scarce = true;
        reads(Gathering.LEAST_READS, (int) Gathering.ENOUGH_BYTES);
        sockets.will(3, 0);

        gathering.run(WAITING);

        assertThat(done).doesNotContain("pause");
    }

    @Test
    void whatOneTurnHasReadDoesNotCountInTheNext() throws Exception {
        scarce = true;
        reads(Gathering.LEAST_READS, 100);
        sockets.will(3, 0, 0, 1, 0);

        gathering.run(WAITING);
        client.bytes = new int[0];
        gathering.run(WAITING);

        assertThat(done.stream().filter("pause"::equals)).hasSize(1);
    }

    @Test
    void aPauseThatTakesLongIsNotMadeAgainForAWhile() throws Exception {
        scarce = true;
        pauseTakes = Gathering.LATE_NANOS + 1;
        reads(Gathering.LEAST_READS, 100);
        sockets.always(3, 1);

        for (int i = 0; i < 1 + Gathering.SKIPPED_AFTER_LATE; i++) {
            gathering.run(WAITING);
        }

        assertThat(done.stream().filter("pause"::equals)).hasSize(1);
        assertThat(done.stream().filter("yield"::equals)).hasSize(1);
    }

    /** In each turn from now on. */
    private void reads(int count, int bytes) throws Exception {
        client.bytes = new int[count];
        Arrays.fill(client.bytes, bytes);
        gathering.register(client);
        sockets.whenWaited = client::read;
    }

    private final class SharedProcessor implements Gathering.Processor {
        @Override
        public long nanos() {
            return now;
        }

        @Override
        public void giveWay() {
            done.add("yield");
            now += yieldTakes;
        }

        @Override
        public void pause(long nanos) {
            done.add("pause");
            now += pauseTakes;
        }

        @Override
        public boolean isScarce() {
            return scarce;
        }

        @Override
        public void close() {}
    }

    /** Its reads are counted, as those of all connections without a channel. */
    private static final class Client implements IoHandle, Gathering.Reader {
        private int[] bytes = {};
        private @Nullable TurnReads counted;

        void read() {
            TurnReads reads = Objects.requireNonNull(counted);
            Arrays.stream(bytes).forEach(reads::add);
        }

        @Override
        public void countReads(TurnReads reads) {
            counted = reads;
        }

        @Override
        public void handle(IoRegistration registration, IoEvent event) {}

        @Override
        public void close() {}
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

    private static final IoRegistration NONE = new IoRegistration() {
        @Override
        @SuppressWarnings("TypeParameterUnusedInFormals") // the interface's
        public <T> T attachment() {
            throw new UnsupportedOperationException();
        }

        @Override
        public long submit(IoOps ops) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isValid() {
            return true;
        }

        @Override
        public boolean cancel() {
            return false;
        }
    };

    /** Handles as many events as it is told. */
    private final class Sockets implements IoHandler {
        private final Deque<Integer> next = new ArrayDeque<>();
        private int eachWait;
        private int eachLook;
        private Runnable whenWaited = () -> {};

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
            if (context.canBlock()) {
                whenWaited.run();
            }
            Integer told = next.poll();
            return told != null ? told : context.canBlock() ? eachWait : eachLook;
        }

        @Override
        public IoRegistration register(IoHandle handle) {
            return NONE;
        }

        @Override
        public void wakeup() {}

        @Override
        public boolean isCompatible(Class<? extends IoHandle> handleType) {
            return false;
        }
    }
}
