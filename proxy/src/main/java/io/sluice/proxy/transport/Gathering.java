package io.sluice.proxy.transport;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoRegistration;
import java.util.concurrent.locks.LockSupport;

/**
 * Makes the turns of an event loop larger where the processor is shared: after a loop has handled what was there, it
 * lets others run first who are ready to, clients and servers among them, and looks once more before it sends. A turn
 * then has more requests for each system call and each wake-up (docs/decisions/0017).
 *
 * <pre>
 *   [ wait ][ handle ] ─▶ [ yield ][ look ][ handle ] ─▶ [ pause ][ look ][ handle ] ─▶ [ flush each dirty connection once ]
 *                                                        if the turn is still small, and processors are scarce
 * </pre>
 *
 * Where nobody else wants the processor, yielding returns at once. Looks that bring nothing become fewer, and when
 * others kept the processor for long, there are none for a while: a loop must not wait for a program that has nothing to
 * do with its clients.
 *
 * <p>A pause makes replies later by itself; it is made only where threads wait for processors anyway ({@link RunDelay}), so
 * that what fewer and larger turns save goes to those who wait. Event-loop only.
 */
final class Gathering implements IoHandler {

    /** Most turns without a look after looks that brought nothing. */
    static final int MOST_SKIPPED_AFTER_MISSES = 3;

    /** So long a yield may take, in nanoseconds. */
    static final long LATE_NANOS = 500_000;

    /** Turns without a look after a yield that took longer. */
    static final int SKIPPED_AFTER_LATE = 1024;

    /** Reads in a turn from which on others come soon: there are several busy clients. */
    static final int LEAST_READS = 3;

    /** Reads with which a turn is large. */
    static final int ENOUGH_READS = 12;

    /** Bytes read with which it is: copying them is most of the work, and shared by nobody. */
    static final long ENOUGH_BYTES = 8 << 10;

    /** Asked for; with what Linux allows itself for timers it takes about 80 microseconds. */
    static final long PAUSE_NANOS = 30_000;

    private static final IoHandlerContext LOOK = new IoHandlerContext() {
        @Override
        public boolean canBlock() {
            return false;
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

    private final IoHandler handler;
    private final Processor processor;
    private final TurnReads reads = new TurnReads();

    private int turnsToSkip;
    private int skippedAfterMiss;
    private int turnsAfterLate;

    /** The processor that the loop runs on, and how to leave it to others. */
    interface Processor {
        long nanos();

        void giveWay();

        void pause(long nanos);

        /** Whether threads wait for it. */
        boolean isScarce();

        void close();
    }

    /** A handle whose reads are counted. */
    interface Reader {

        /** Called once, before it reads. */
        void countReads(TurnReads reads);
    }

    Gathering(IoHandler handler, Processor processor) {
        this.handler = handler;
        this.processor = processor;
    }

    static IoHandlerFactory of(IoHandlerFactory factory) {
        return executor -> new Gathering(factory.newHandler(executor), new OwnProcessor());
    }

    @Override
    public int run(IoHandlerContext context) {
        reads.clear();
        int handled = handler.run(context);
        if (handled <= 0) {
            return handled; // woken for a task
        }
        if (turnsAfterLate > 0) {
            turnsAfterLate--;
            return handled;
        }
        handled += lookAfterYield();
        return isWorthAPause() ? handled + lookAfterPause() : handled;
    }

    private int lookAfterYield() {
        if (turnsToSkip > 0) {
            turnsToSkip--;
            return 0;
        }
        long before = processor.nanos();
        processor.giveWay();
        if (wasLate(before)) {
            return 0;
        }
        int found = handler.run(LOOK);
        skippedAfterMiss = found > 0 ? 0 : Math.min(MOST_SKIPPED_AFTER_MISSES, skippedAfterMiss * 2 + 1);
        turnsToSkip = skippedAfterMiss;
        return found;
    }

    private boolean isWorthAPause() {
        return reads.count() >= LEAST_READS
                && reads.count() < ENOUGH_READS
                && reads.bytes() < ENOUGH_BYTES
                && turnsAfterLate == 0
                && processor.isScarce();
    }

    private int lookAfterPause() {
        long before = processor.nanos();
        processor.pause(PAUSE_NANOS);
        return wasLate(before) ? 0 : handler.run(LOOK);
    }

    private boolean wasLate(long before) {
        boolean late = processor.nanos() - before > LATE_NANOS;
        if (late) {
            turnsAfterLate = SKIPPED_AFTER_LATE;
        }
        return late;
    }

    @Override
    public IoRegistration register(IoHandle handle) throws Exception {
        if (handle instanceof Reader reader) {
            reader.countReads(reads);
        }
        return handler.register(handle);
    }

    @Override
    public void initialize() {
        handler.initialize();
    }

    @Override
    public void wakeup() {
        handler.wakeup();
    }

    @Override
    public boolean isCompatible(Class<? extends IoHandle> handleType) {
        return handler.isCompatible(handleType);
    }

    @Override
    public void prepareToDestroy() {
        handler.prepareToDestroy();
    }

    @Override
    public void destroy() {
        handler.destroy();
        processor.close();
    }

    /** Of the thread that uses it. */
    private static final class OwnProcessor implements Processor {
        private final RunDelay delay = RunDelay.ofThisThread();

        @Override
        public long nanos() {
            return System.nanoTime();
        }

        @Override
        @SuppressWarnings("ThreadPriorityCheck") // only a wish: nothing depends on what the scheduler makes of it
        public void giveWay() {
            Thread.yield();
        }

        @Override
        public void pause(long nanos) {
            LockSupport.parkNanos(nanos);
        }

        @Override
        public boolean isScarce() {
            return delay.isHigh();
        }

        @Override
        public void close() {
            delay.close();
        }
    }
}
