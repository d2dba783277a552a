package io.sluice.proxy.transport;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoRegistration;
import java.util.function.LongSupplier;

/**
 * Makes the turns of an event loop larger where the processor is shared: after a loop has handled what was there, it
 * lets others run first who are ready to, clients and servers among them, and looks once more before it sends. A turn
 * then has more requests for each system call and each wake-up (docs/decisions/0017).
 *
 * <pre>
 *   [ wait ][ handle ] ─▶ [ yield ][ look ][ handle ] ─▶ [ flush each dirty connection once ]
 * </pre>
 *
 * Where nobody else wants the processor, yielding returns at once. Looks that bring nothing become fewer, and when
 * others kept the processor for long, there are none for a while: a loop must not wait for a program that has nothing to
 * do with its clients. Event-loop only.
 */
final class Gathering implements IoHandler {

    /** Most turns without a look after looks that brought nothing. */
    static final int MOST_SKIPPED_AFTER_MISSES = 3;

    /** So long a yield may take, in nanoseconds. */
    static final long LATE_NANOS = 500_000;

    /** Turns without a look after a yield that took longer. */
    static final int SKIPPED_AFTER_LATE = 1024;

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
    private final Runnable yield;
    private final LongSupplier nanoTime;

    private int turnsToSkip;
    private int skippedAfterMiss;

    Gathering(IoHandler handler, Runnable yield, LongSupplier nanoTime) {
        this.handler = handler;
        this.yield = yield;
        this.nanoTime = nanoTime;
    }

    @SuppressWarnings("ThreadPriorityCheck") // only a wish: nothing depends on what the scheduler makes of it
    static IoHandlerFactory of(IoHandlerFactory factory) {
        return executor -> new Gathering(factory.newHandler(executor), Thread::yield, System::nanoTime);
    }

    @Override
    public int run(IoHandlerContext context) {
        int handled = handler.run(context);
        if (handled <= 0) {
            return handled; // woken for a task
        }
        if (turnsToSkip > 0) {
            turnsToSkip--;
            return handled;
        }
        long before = nanoTime.getAsLong();
        yield.run();
        if (nanoTime.getAsLong() - before > LATE_NANOS) {
            turnsToSkip = SKIPPED_AFTER_LATE;
            return handled;
        }
        return handled + look();
    }

    private int look() {
        int found = handler.run(LOOK);
        skippedAfterMiss = found > 0 ? 0 : Math.min(MOST_SKIPPED_AFTER_MISSES, skippedAfterMiss * 2 + 1);
        turnsToSkip = skippedAfterMiss;
        return found;
    }

    @Override
    public IoRegistration register(IoHandle handle) throws Exception {
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
    }
}
