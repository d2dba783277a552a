package io.sluice.bench;

import io.sluice.bench.load.IdleClients;
import io.sluice.bench.load.LoadClient;
import io.sluice.bench.load.RedisBenchmark;
import io.sluice.bench.load.Workload;
import io.sluice.bench.proxies.Dialect;
import io.sluice.bench.proxies.ProcessFigures;
import io.sluice.bench.proxies.SluiceVariant;
import io.sluice.bench.proxies.Target;
import io.sluice.bench.report.TextReport;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bench/run memory}. */
@Command(
        name = "memory",
        mixinStandardHelpOptions = true,
        header = "Resident memory with busy and with idle clients; a proxy of its own for each row.")
final class MemoryCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private VariantOption sluice;

    @Option(
            names = "--idle",
            defaultValue = "10000",
            paramLabel = "CLIENTS",
            description = "Idle clients. Default: ${DEFAULT-VALUE}.")
    private int idle;

    @Option(
            names = "--requests",
            defaultValue = "1000000",
            description = "Of each busy row. Default: ${DEFAULT-VALUE}.")
    private long requests;

    private final List<List<String>> rows = new ArrayList<>();

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        rows.add(List.of("variant", "with", "RSS MB", "peak MB", "bytes per client"));
        try (Stage stage = new Stage(Dialect.REDIS, out::println)) {
            for (SluiceVariant variant : sluice.variants()) {
                for (Workload workload :
                        List.of(Workload.P1, Workload.P16, Workload.MGET, Workload.LARGE, Workload.C1000)) {
                    busy(stage.sluice(variant).start(), workload);
                }
                idle(stage.sluice(variant).start());
            }
        }
        out.print(TextReport.table(rows));
        out.flush();
        return 0;
    }

    private void busy(Target target, Workload workload) {
        LoadClient client = new RedisBenchmark(1);
        client.fill(target, workload);
        client.run(target, workload, requests);
        ProcessFigures figures = ProcessFigures.of(target.pid());
        row(target, workload + ", " + workload.clients() + " busy clients", figures, "");
        target.process().close();
    }

    /** Loads it first, so that what every proxy holds is not counted as the idle clients'. */
    private void idle(Target target) {
        LoadClient client = new RedisBenchmark(1);
        client.fill(target, Workload.P1);
        client.run(target, Workload.P1, requests / 4);
        ProcessFigures before = ProcessFigures.of(target.pid());
        row(target, "no client, after load", before, "");
        try (IdleClients clients = IdleClients.connect(target.port(), idle)) {
            ProcessFigures after = ProcessFigures.of(target.pid());
            long bytes = (after.rssKilobytes() - before.rssKilobytes()) * 1024 / clients.count();
            row(target, clients.count() + " idle clients", after, String.valueOf(bytes));
        }
        target.process().close();
    }

    private void row(Target target, String with, ProcessFigures figures, String perClient) {
        rows.add(List.of(
                target.name(),
                with,
                megabytes(figures.rssKilobytes()),
                megabytes(figures.peakRssKilobytes()),
                perClient));
    }

    private static String megabytes(long kilobytes) {
        return String.format(Locale.ROOT, "%.1f", kilobytes / 1024.0);
    }
}
