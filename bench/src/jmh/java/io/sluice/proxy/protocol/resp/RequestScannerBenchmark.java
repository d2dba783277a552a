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

/** Finding one request in a client's bytes, its command looked up; 16 of them lie in the buffer. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class RequestScannerBenchmark {

    private static final int REQUESTS = 16;

    @Param({"GET", "SET100", "MGET10"})
    public String kind;

    private final RespRequestDecoder decoder =
            new RespRequestDecoder(RedisCommands.TABLE, new RespLimits(64 << 20, 1 << 20, 64 << 10));
    private ByteBuf in;

    @Setup
    public void fill() {
        String request = switch (kind) {
            case "GET" -> array("GET", "key:000000012345");
            case "SET100" -> array("SET", "key:000000012345", "x".repeat(100));
            case "MGET10" -> array(("MGET" + " key:000000012345".repeat(10)).split(" "));
            default -> throw new IllegalArgumentException(kind);
        };
        in = Unpooled.directBuffer();
        in.writeCharSequence(request.repeat(REQUESTS), StandardCharsets.US_ASCII);
    }

    private static String array(String... arguments) {
        StringBuilder text = new StringBuilder("*" + arguments.length + "\r\n");
        for (String argument : arguments) {
            text.append('$')
                    .append(argument.length())
                    .append("\r\n")
                    .append(argument)
                    .append("\r\n");
        }
        return text.toString();
    }

    @TearDown
    public void release() {
        in.release();
    }

    @Benchmark
    @OperationsPerInvocation(REQUESTS)
    public int scan() throws ProtocolException {
        in.readerIndex(0);
        int arguments = 0;
        while (decoder.decode(in)) {
            arguments += decoder.request().count();
            in.skipBytes(decoder.consumed());
        }
        return arguments;
    }
}
