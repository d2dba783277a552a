package io.sluice.bench;

import io.sluice.bench.proxies.Dialect;
import io.sluice.bench.proxies.OwnProcess;
import io.sluice.bench.proxies.ProcessFigures;
import io.sluice.bench.proxies.SluiceProxy;
import io.sluice.bench.proxies.SluiceVariant;
import io.sluice.bench.report.Statistics;
import io.sluice.bench.report.TextReport;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bench/run startup}. */
@Command(
        name = "startup",
        mixinStandardHelpOptions = true,
        header = "From the start of ./sluice proxy to the first PONG, with and without the class archive.")
final class StartupCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private VariantOption sluice;

    @Option(names = "--rounds", defaultValue = "9", description = "Starts of each kind. Default: ${DEFAULT-VALUE}.")
    private int rounds;

    /** One start. */
    private record Start(double millis, double cpuMillis, double rssMegabytes) {}

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("variant", "archive", "median ms", "min", "max", "CPU ms", "RSS MB"));
        try (Stage stage = new Stage(Dialect.REDIS, out::println)) {
            for (SluiceVariant variant : sluice.variants()) {
                measure(variant, stage, rows);
            }
        }
        out.print(TextReport.table(rows));
        out.flush();
        return 0;
    }

    private void measure(SluiceVariant variant, Stage stage, List<List<String>> rows) {
        SluiceProxy proxy = stage.sluice(variant);
        List<Start> with = new ArrayList<>();
        List<Start> without = new ArrayList<>();
        start(proxy, "on"); // brings the files into memory
        for (int i = 0; i < rounds; i++) {
            with.add(start(proxy, "on"));
            without.add(start(proxy, "off"));
        }
        rows.add(row(variant.name(), "with", with));
        rows.add(row(variant.name(), "without", without));
    }

    private static Start start(SluiceProxy proxy, String archive) {
        long begin = System.nanoTime();
        try (OwnProcess process = proxy.launch(Map.of("SLUICE_ARCHIVE", archive))) {
            process.awaitReply(proxy.port(), "PING\r\n");
            double millis = (System.nanoTime() - begin) / 1e6;
            ProcessFigures figures = ProcessFigures.of(process.pid());
            return new Start(millis, figures.cpuSeconds() * 1_000, figures.rssKilobytes() / 1024.0);
        }
    }

    private static List<String> row(String variant, String archive, List<Start> starts) {
        List<Double> millis = starts.stream().map(Start::millis).sorted().toList();
        return List.of(
                variant,
                archive,
                rounded(Statistics.median(millis)),
                rounded(millis.get(0)),
                rounded(millis.get(millis.size() - 1)),
                rounded(Statistics.median(starts.stream().map(Start::cpuMillis).toList())),
                rounded(Statistics.median(
                        starts.stream().map(Start::rssMegabytes).toList())));
    }

    private static String rounded(double value) {
        return String.format(Locale.ROOT, "%.0f", value);
    }
}
