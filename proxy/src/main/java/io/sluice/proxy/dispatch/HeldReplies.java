package io.sluice.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.proxy.metrics.PoolCounters;
import io.sluice.proxy.metrics.PoolMetric;
import io.sluice.proxy.protocol.ReplySink;
import io.sluice.proxy.transport.Loop;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Replies that faults hold back, on one event loop, within bounds: what is over goes on its way. Event-loop only. */
final class HeldReplies {

    /** Requests whose replies are held back or dropped, at once. */
    static final int MAX_HELD = 10_000;

    /** Bytes of replies that are held back, at once; on the heap, where buffers that grow take up to twice as much. */
    static final int MAX_HELD_BYTES = 16 << 20;

    private static final Logger log = LoggerFactory.getLogger(HeldReplies.class);

    private final Loop loop;
    private final PoolCounters counters;
    private final int maxHeld;
    private final int maxHeldBytes;
    private int held;
    private long heldBytes;

    HeldReplies(Loop loop, PoolCounters counters) {
        this(loop, counters, MAX_HELD, MAX_HELD_BYTES);
    }

    HeldReplies(Loop loop, PoolCounters counters, int maxHeld, int maxHeldBytes) {
        this.loop = loop;
        this.counters = counters;
        this.maxHeld = maxHeld;
        this.maxHeldBytes = maxHeldBytes;
    }

    /** Runs something later in the place of a reply; false, and a count, if too much is held already. */
    boolean later(Duration delay, Runnable task) {
        if (held >= maxHeld) {
            counters.count(PoolMetric.FAULTS_SKIPPED);
            return false;
        }
        held++;
        loop.schedule(
                () -> {
                    held--;
                    loop.resources().clock().refresh();
                    try {
                        task.run();
                    } catch (RuntimeException e) { // one client's trouble
                        log.error("A reply held back could not be delivered", e);
                    }
                },
                delay);
        return true;
    }

    /** A sink that gives a reply to {@code target} so long from now, or when it comes, if that is later. */
    ReplySink delayed(ReplySink target, Duration delay) {
        return new Delayed(target, now() + delay.toNanos());
    }

    private long now() {
        return loop.resources().clock().nanos();
    }

    /** Gathers a reply, and passes it on when it is due. Once something has been passed on, so is the rest. */
    private final class Delayed implements ReplySink {
        private final ReplySink target;
        private final long due;
        private final ByteBuf gathered = Unpooled.buffer(0);
        private boolean passing;

        Delayed(ReplySink target, long due) {
            this.target = target;
            this.due = due;
        }

        @Override
        public void onReply(ByteBuf source, int offset, int length, boolean last) {
            if (!passing && heldBytes + length > maxHeldBytes) {
                counters.count(PoolMetric.FAULTS_SKIPPED);
                passGathered();
            }
            if (passing) {
                target.onReply(source, offset, length, last);
                return;
            }
            heldBytes += length;
            gathered.writeBytes(source, offset, length);
            if (last) {
                holdBack();
            }
        }

        private void holdBack() {
            long left = due - now();
            if (left > 0 && later(Duration.ofNanos(left), this::passWhole)) {
                counters.count(PoolMetric.FAULT_DELAYS);
            } else {
                passWhole();
            }
        }

        private void passWhole() {
            heldBytes -= gathered.readableBytes();
            target.onReply(gathered, 0, gathered.readableBytes(), true);
        }

        private void passGathered() {
            passing = true;
            if (gathered.isReadable()) {
                heldBytes -= gathered.readableBytes();
                target.onReply(gathered, 0, gathered.readableBytes(), false);
            }
        }

        /** The rest will never come: what came is of no use to anybody unless some of it has been passed on. */
        @Override
        public void onBroken(String detail) {
            if (!passing) {
                heldBytes -= gathered.readableBytes();
                passing = true;
            }
            target.onBroken(detail);
        }

        @Override
        public boolean keep(int more) {
            return target.keep(more);
        }

        @Override
        public void dropped(int kept) {
            target.dropped(kept);
        }
    }
}
