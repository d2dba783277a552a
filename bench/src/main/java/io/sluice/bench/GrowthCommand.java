package io.sluice.bench;

import io.sluice.bench.load.LoadClient;
import io.sluice.bench.load.RedisBenchmark;
import io.sluice.bench.load.Workload;
import io.sluice.bench.proxies.Dialect;
import io.sluice.bench.proxies.ProcessFigures;
import io.sluice.bench.proxies.SluiceVariant;
import io.sluice.bench.proxies.Target;
import io.sluice.bench.report.Growth;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bench/run growth}. */
@Command(
        name = "growth",
        mixinStandardHelpOptions = true,
        header = "Resident memory over time under all workloads in turn: does it grow?",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:it does not grow", "1:it grows, or the run failed"})
final class GrowthCommand implements Callable<Integer> {

    private static final long SAMPLE_NANOS = Duration.ofSeconds(10).toNanos();
    private static final long SLICE_REQUESTS = 50_000;

    /** 16k last: its values stay until the next turn's fill. */
    private static final List<Workload> TURN =
            List.of(Workload.P1, Workload.P16, Workload.MGET, Workload.C1000, Workload.SHORT, Workload.LARGE);

    @Spec
    private CommandSpec spec;

    @Mixin
    private VariantOption sluice;

    @Option(names = "--minutes", defaultValue = "30", description = "How long. Default: ${DEFAULT-VALUE}.")
    private double minutes;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        boolean grows = false;
        for (SluiceVariant variant : sluice.variants()) {
            try (Stage stage = new Stage(Dialect.REDIS, out::println)) {
                Growth growth = watch(stage.sluice(variant).start(), out);
                out.println(variant.name() + ": " + growth.verdict());
                out.flush();
                grows |= growth.grows();
            }
        }
        return grows ? 1 : 0;
    }

    private Growth watch(Target target, PrintWriter out) {
        Growth growth = new Growth();
        LoadClient client = new RedisBenchmark(1);
        long start = System.nanoTime();
        long end = start + Math.round(minutes * 60e9);
        long nextSample = start;
        for (int i = 0; System.nanoTime() < end; i++) {
            Workload workload = TURN.get(i % TURN.size());
            if (workload == Workload.P1 || workload == Workload.LARGE) {
                client.fill(target, workload);
            }
            client.run(target, workload, SLICE_REQUESTS);
            if (System.nanoTime() >= nextSample) {
                nextSample += SAMPLE_NANOS;
                sample(target, growth, (System.nanoTime() - start) / 60e9, out);
            }
        }
        return growth;
    }

    private static void sample(Target target, Growth growth, double minute, PrintWriter out) {
        double megabytes = ProcessFigures.of(target.pid()).rssKilobytes() / 1024.0;
        growth.add(minute, megabytes);
        out.println(String.format(Locale.ROOT, "%7.2f min  %6.1f MB", minute, megabytes));
        out.flush();
    }
}
