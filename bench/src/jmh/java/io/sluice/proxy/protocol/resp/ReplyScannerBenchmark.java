package io.sluice.proxy.protocol.resp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.proxy.protocol.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Finding the end of one reply in a server's bytes; 16 of them lie in the buffer. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ReplyScannerBenchmark {

    private static final int REPLIES = 16;

    @Param({"OK", "BULK100", "ARRAY10"})
    public String kind;

    private final RespReplyDecoder decoder = new RespReplyDecoder();
    private ByteBuf in;

    @Setup
    public void fill() {
        String bulk = "$100\r\n" + "x".repeat(100) + "\r\n";
        String reply = switch (kind) {
            case "OK" -> "+OK\r\n";
            case "BULK100" -> bulk;
            case "ARRAY10" -> "*10\r\n" + bulk.repeat(10);
            default -> throw new IllegalArgumentException(kind);
        };
        in = Unpooled.directBuffer();
        in.writeCharSequence(reply.repeat(REPLIES), StandardCharsets.US_ASCII);
    }

    @TearDown
    public void release() {
        in.release();
    }

    @Benchmark
    @OperationsPerInvocation(REPLIES)
    public int scan() throws ProtocolException {
        in.readerIndex(0);
        int bytes = 0;
        while (in.isReadable() && decoder.decode(in)) {
            bytes += decoder.scanned();
            in.skipBytes(decoder.scanned());
            decoder.next();
        }
        return bytes;
    }
}
