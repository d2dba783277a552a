package io.sluice.bench;

import io.sluice.bench.load.LoadClient;
import io.sluice.bench.load.MemcachedClient;
import io.sluice.bench.load.RedisBenchmark;
import io.sluice.bench.load.SystemCalls;
import io.sluice.bench.load.Workload;
import io.sluice.bench.proxies.Dialect;
import io.sluice.bench.proxies.Programs;
import io.sluice.bench.proxies.SluiceVariant;
import io.sluice.bench.proxies.Target;
import io.sluice.bench.report.JsonReport;
import io.sluice.bench.report.Machine;
import io.sluice.bench.report.MarkdownReport;
import io.sluice.bench.report.Results;
import io.sluice.bench.report.Run;
import io.sluice.bench.report.TextReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bench/run compare}. */
@Command(
        name = "compare",
        mixinStandardHelpOptions = true,
        header = "Sluice beside nutcracker, predixy and no proxy at all, the same load through each in turns.",
        description = "CPU is user and system time of the proxy for a million requests. In brackets: the ratio to"
                + " nutcracker, the median of the ratios of each round.")
final class CompareCommand implements Callable<Integer> {

    private static final List<Workload> MEMCACHED = List.of(Workload.P1, Workload.P16, Workload.MGET);

    @Spec
    private CommandSpec spec;

    @Mixin
    private VariantOption sluice;

    @Option(names = "--protocol", defaultValue = "redis", description = "redis or memcache. Default: redis.")
    private Dialect protocol;

    @Option(
            names = "--workload",
            split = ",",
            paramLabel = "NAME",
            description = "p1, p16, 16k, mget, c1000, short. Default: all; with memcache p1, p16, mget.")
    private List<Workload> workloads = new ArrayList<>();

    @Option(names = "--rounds", defaultValue = "5", description = "Turns. Default: ${DEFAULT-VALUE}.")
    private int rounds;

    @Option(
            names = "--seconds",
            defaultValue = "2",
            description = "About how long each target is loaded in a round. Default: ${DEFAULT-VALUE}.")
    private double seconds;

    @Option(
            names = "--warm-up",
            defaultValue = "1000000",
            paramLabel = "REQUESTS",
            description =
                    "Sent through each JVM alone before anything is measured, one at a time and pipelined; a quarter"
                            + " as many of each other workload before that is. Default: ${DEFAULT-VALUE}.")
    private long warmUp;

    @Option(
            names = "--threads",
            defaultValue = "1",
            description = "Threads of redis-benchmark; 1 is its single-threaded mode. Default: ${DEFAULT-VALUE}.")
    private int threads;

    @Option(
            names = "--without",
            split = ",",
            paramLabel = "TARGET",
            description = "Leave out nutcracker, predixy or direct.")
    private List<String> without = new ArrayList<>();

    @Option(names = "--markdown", paramLabel = "FILE", description = "Write the tables there, too.")
    private @Nullable Path markdown;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the figures there, too.")
    private @Nullable Path json;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        try (Stage stage = new Stage(protocol, note -> say(out, note))) {
            LoadClient client = protocol == Dialect.REDIS ? new RedisBenchmark(threads) : new MemcachedClient();
            List<Target> targets = stage.startProxies(sluice.variants(), without);
            if (!without.contains(Target.DIRECT)) {
                targets.add(stage.direct());
            }
            SystemCalls systemCalls = new SystemCalls(stage.folder());
            List<Run.Fact> head = head(stage, client, systemCalls);
            out.print(TextReport.of(new Run(head, List.of())));
            out.flush();
            Comparison comparison = new Comparison(client, targets, rounds, seconds);
            List<Workload> common = List.of(Workload.P1, Workload.P16);
            comparison.warmUp(common, warmUp);
            List<Results> results = new ArrayList<>();
            for (Workload workload : chosen()) {
                if (!common.contains(workload)) {
                    comparison.warmUp(List.of(workload), warmUp / 4);
                }
                Results measured = comparison.measure(workload, systemCalls);
                results.add(measured);
                say(out, "\n" + TextReport.of(measured).stripTrailing());
            }
            Run run = new Run(head, results).with(new Run.Fact("load after", Machine.loadAverage()));
            write(markdown, MarkdownReport.of(run));
            write(json, JsonReport.of(run));
        }
        return 0;
    }

    private List<Workload> chosen() {
        if (!workloads.isEmpty()) {
            return workloads;
        }
        return protocol == Dialect.REDIS ? List.of(Workload.values()) : MEMCACHED;
    }

    private List<Run.Fact> head(Stage stage, LoadClient client, SystemCalls systemCalls) {
        List<Run.Fact> head = new ArrayList<>(Machine.facts(stage.repository()));
        Programs.find("nutcracker")
                .ifPresent(program ->
                        head.add(new Run.Fact("nutcracker", Programs.firstLine(program.toString(), "--version"))));
        for (SluiceVariant variant : sluice.variants()) {
            head.add(new Run.Fact(variant.name(), variant.describe()));
        }
        head.add(new Run.Fact("client", client.describe()));
        head.add(new Run.Fact("calls", systemCalls.describe()));
        head.add(new Run.Fact(
                "turns", rounds + " rounds of about " + seconds + " s each, warm-up " + warmUp + " requests each JVM"));
        return head;
    }

    private static void say(PrintWriter out, String line) {
        out.println(line);
        out.flush();
    }

    private static void write(@Nullable Path file, String text) throws IOException {
        if (file != null) {
            Files.writeString(file, text);
        }
    }
}
