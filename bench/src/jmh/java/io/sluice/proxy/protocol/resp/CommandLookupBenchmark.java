package io.sluice.proxy.protocol.resp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.proxy.command.Command;
import io.sluice.proxy.protocol.Request;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** From a name in the read buffer to the row of the table; a container looks its subcommand up too. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class CommandLookupBenchmark {

    @Param({"GET", "get", "ZRANGEBYSCORE", "OBJECT ENCODING", "NOSUCHCOMMAND"})
    public String command;

    private final Request request = new Request();
    private ByteBuf in;

    @Setup
    public void fill() {
        String line = command + " key:000000012345";
        in = Unpooled.directBuffer();
        in.writeCharSequence(line + "\r\n and what lies behind", StandardCharsets.US_ASCII);
        request.placeAt(in, 0, line.length());
        int offset = 0;
        for (String argument : line.split(" ")) {
            request.addArgument(offset, argument.length());
            offset += argument.length() + 1;
        }
    }

    @TearDown
    public void release() {
        in.release();
    }

    @Benchmark
    public Command find() {
        return RedisCommands.TABLE.find(request);
    }
}
