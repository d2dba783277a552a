package io.sluice.proxy.session;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.sluice.proxy.budget.ClientBudget;
import io.sluice.proxy.budget.ClientLimits;
import io.sluice.proxy.budget.ProcessBudget;
import io.sluice.proxy.budget.SplitBudget;
import io.sluice.proxy.budget.WorkerBudget;
import io.sluice.proxy.metrics.MetricBoard;
import io.sluice.proxy.protocol.ErrorKind;
import io.sluice.proxy.protocol.ReplySink;
import io.sluice.proxy.protocol.resp.RespLimits;
import io.sluice.proxy.protocol.resp.RespProtocol;
import io.sluice.proxy.transport.LoopClock;
import io.sluice.proxy.transport.OutBuffer;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A place in the queue and its reply into the out buffer: 16 requests of one client, replies of 100 bytes. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PendingRepliesBenchmark {

    private static final int REQUESTS = 16;

    private final ByteBuf reply = Unpooled.directBuffer()
            .writeBytes(("$100\r\n" + "x".repeat(100) + "\r\n").getBytes(StandardCharsets.US_ASCII));
    private final OutBuffer out = new OutBuffer(PooledByteBufAllocator.DEFAULT);
    private final ReplySink[] sinks = new ReplySink[REQUESTS];
    private final WorkerBudget worker =
            new ProcessBudget(1L << 40, () -> false).newWorker(Runnable::run, System::nanoTime);
    private final MetricBoard board = new MetricBoard(
            List.of(new MetricBoard.PoolNames("alpha", List.of())),
            Arrays.stream(ErrorKind.values()).map(Enum::name).toList(),
            1);
    private final PendingReplies pending = new PendingReplies(
            new ReplySlotPool(new SplitBudget(worker)),
            new RespProtocol(new RespLimits(64 << 20, 1 << 20, 64 << 10), null, 0, InstantSource.system()),
            out,
            PooledByteBufAllocator.DEFAULT,
            new ClientBudget(worker, new ClientLimits(1024, 8 << 20, 64 << 20, 128 << 20), (held, reason) -> {}),
            new ClientCounts(board.counters(0, 0), new LoopClock(System::nanoTime), out),
            new NobodyListens());

    @Benchmark
    @OperationsPerInvocation(REQUESTS)
    public long inOrder() {
        appendAll();
        for (int i = 0; i < REQUESTS; i++) {
            deliver(i);
        }
        return sendAll();
    }

    /** The worst case: the first reply is the last to come, so all others are held. */
    @Benchmark
    @OperationsPerInvocation(REQUESTS)
    public long outOfOrder() {
        appendAll();
        for (int i = REQUESTS - 1; i >= 0; i--) {
            deliver(i);
        }
        return sendAll();
    }

    private void appendAll() {
        for (int i = 0; i < REQUESTS; i++) {
            sinks[i] = pending.append(true, true);
        }
    }

    private void deliver(int request) {
        sinks[request].onReply(reply, 0, reply.readableBytes(), true);
    }

    private long sendAll() {
        long bytes = out.waiting();
        out.clear();
        return bytes;
    }

    @TearDown
    public void release() {
        reply.release();
    }

    private static final class NobodyListens implements PendingReplies.Owner {
        @Override
        public void onMustGo() {}

        @Override
        public void onRepliesWritten() {}

        @Override
        public void onReplyHeld() {}

        @Override
        public void onReplyBroken() {}
    }
}
