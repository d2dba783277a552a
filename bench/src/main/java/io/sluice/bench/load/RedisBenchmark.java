package io.sluice.bench.load;

import io.sluice.bench.proxies.BenchException;
import io.sluice.bench.proxies.Programs;
import io.sluice.bench.proxies.Target;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The redis-benchmark that comes with Redis. SET and GET run one after the other, each with half of the requests. */
public final class RedisBenchmark implements LoadClient {

    private final String program = Programs.require("redis-benchmark");
    private final int threads;

    public RedisBenchmark(int threads) {
        this.threads = threads;
    }

    @Override
    public void fill(Target target, Workload workload) {
        new KeyFill(workload).run(target.port());
    }

    @Override
    public Load run(Target target, Workload workload, long requests) {
        List<String> command = command(target.port(), workload, requests);
        Programs.Finished finished = Programs.run(command);
        if (finished.exitCode() != 0) {
            throw new BenchException("redis-benchmark against " + target.name() + " failed: "
                    + RedisBenchmarkReport.lastLine(finished.output()));
        }
        return RedisBenchmarkReport.parse(finished.output());
    }

    List<String> command(int port, Workload workload, long requests) {
        boolean getsAndSets = workload.keysPerRequest() == 1;
        long perTest = Math.max(workload.clients(), getsAndSets ? requests / 2 : requests);
        List<String> command = new ArrayList<>(List.of(
                program,
                "-h",
                "127.0.0.1",
                "-p",
                String.valueOf(port),
                "-c",
                String.valueOf(workload.clients()),
                "-P",
                String.valueOf(workload.pipeline()),
                "-n",
                String.valueOf(perTest),
                "-d",
                String.valueOf(workload.valueBytes()),
                "-r",
                String.valueOf(workload.keys()),
                "-k",
                workload.keepAlive() ? "1" : "0"));
        if (threads > 1) {
            command.addAll(List.of("--threads", String.valueOf(threads)));
        }
        if (getsAndSets) {
            command.addAll(List.of("-t", "set,get"));
        } else {
            command.add("mget");
            command.addAll(Collections.nCopies(workload.keysPerRequest(), "key:__rand_int__"));
        }
        return command;
    }

    @Override
    public String operations(Workload workload) {
        return workload.keysPerRequest() == 1
                ? "SET and GET in turn"
                : "MGET of " + workload.keysPerRequest() + " keys";
    }

    @Override
    public String describe() {
        return Programs.firstLine(program, "--version") + ", threads " + threads
                + (threads > 1 ? " (--threads)" : " (its single-threaded mode)");
    }
}
