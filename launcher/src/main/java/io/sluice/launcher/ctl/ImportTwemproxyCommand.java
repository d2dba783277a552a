package io.sluice.launcher.ctl;

import io.sluice.proxy.config.PoolSource;
import io.sluice.proxy.config.ProxyConfig;
import io.sluice.proxy.config.ProxyConfig.Pool;
import io.sluice.routing.cluster.RingPool;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.cluster.ZnodePaths;
import io.sluice.routing.config.ConfigException;
import io.sluice.routing.distribution.DistributionKind;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sluice ctl import twemproxy}. */
@Command(
        name = "twemproxy",
        header = "Take over the pools of a nutcracker.yml: each key stays where it is.",
        description = {
            "",
            "Hash, hash tag, distribution and servers go into the cluster. What concerns a",
            "proxy alone (listen, timeouts, ejection) is shown as it belongs into its file.",
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  sluice ctl import twemproxy nutcracker.yml --dry-run",
            "  sluice ctl import twemproxy nutcracker.yml --pool alpha --yes"
        })
final class ImportTwemproxyCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private ChangeOptions options;

    @Parameters(paramLabel = "FILE", description = "twemproxy's file, as it is.")
    private Path file;

    @Option(names = "--pool", paramLabel = "NAME", description = "Only this pool. Default: all.")
    private @Nullable String poolName;

    @Override
    public Integer call() {
        return Ctl.run(spec, this::run);
    }

    private int run(Ctl ctl) {
        ProxyConfig config = config();
        Topology topology = Topology.NONE;
        List<Pool> pools = chosen(config);
        for (Pool pool : pools) {
            topology = topology.withPool(ring(pool));
        }
        if (!ctl.json()) {
            config.warnings().forEach(warning -> ctl.out().println(warning));
            show(ProxyKeys.of(file), pools, ctl.out());
        }
        return ImportCommand.run(ctl, options, "twemproxy " + file.getFileName(), topology);
    }

    private ProxyConfig config() {
        if (!Files.exists(file)) {
            throw CtlException.badInput(file + ": no such file", "expected a nutcracker.yml");
        }
        try {
            return ProxyConfig.read(file);
        } catch (ConfigException e) {
            throw CtlException.badInput(String.valueOf(e.getMessage()), "nothing was changed");
        }
    }

    private List<Pool> chosen(ProxyConfig config) {
        List<Pool> pools = config.pools().stream()
                .filter(pool -> poolName == null || pool.name().equals(poolName))
                .toList();
        if (pools.isEmpty()) {
            throw CtlException.badInput(
                    file + ": no pool '" + poolName + "'",
                    "there are: "
                            + String.join(
                                    ", ",
                                    config.pools().stream().map(Pool::name).toList()));
        }
        return pools;
    }

    private RingPool ring(Pool pool) {
        if (!ZnodePaths.isName(pool.name())) {
            throw CtlException.badInput(
                    file + ": pool '" + pool.name() + "' cannot be called so in a cluster",
                    "expected letters, digits, dots, hyphens and underscores; rename it in the file");
        }
        if (pool.definition().distribution() == DistributionKind.SLOTS || pool.topology() != PoolSource.FILE) {
            throw CtlException.badInput(
                    file + ": pool '" + pool.name() + "' is none of twemproxy's", "expected a nutcracker.yml");
        }
        return new RingPool(pool.protocol(), pool.definition());
    }

    private static void show(ProxyKeys keys, List<Pool> pools, PrintWriter out) {
        out.println("For the proxies' file:");
        out.println("  zookeeper:");
        out.println("    connect: HOST:PORT");
        out.println("    cluster: main");
        out.println("  pools:");
        for (Pool pool : pools) {
            keys.lines(pool).forEach(line -> out.println("    " + line));
        }
        out.println();
    }
}
