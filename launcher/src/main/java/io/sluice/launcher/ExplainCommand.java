package io.sluice.launcher;

import io.sluice.launcher.text.KeyPlacement;
import io.sluice.launcher.text.KeyText;
import io.sluice.launcher.text.TextTable;
import io.sluice.proxy.config.ProxyConfig;
import io.sluice.proxy.config.ProxyConfig.Pool;
import io.sluice.routing.Router;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sluice explain}: which server owns a key, and why. */
@Command(
        name = "explain",
        mixinStandardHelpOptions = true,
        versionProvider = VersionText.class,
        header = "Say which server owns a key, and why.",
        description = {
            "",
            "For each key: the part that is hashed, its hash, the point of the ring or the",
            "slot, and the server. Asks no server and starts nothing; a server that a",
            "running proxy has ejected counts as present. The servers of a pool with",
            "'topology: zookeeper' are read from the last good topology that the proxy of",
            "this file has kept, or from another with --topology; 'sluice ctl explain'",
            "asks the manager.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:done", "2:the command line or the configuration is wrong"},
        footerHeading = "%nExamples:%n",
        footer = {
            "  sluice explain --config nutcracker.yml user:1001 '{user:1001}:cart'",
            "  sluice explain --config nutcracker.yml --pool beta 'caf\\xc3\\xa9'",
            "  sluice explain --config sluice.yaml --topology blue.json user:1001"
        })
final class ExplainCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-c", "--config"},
            required = true,
            paramLabel = "FILE",
            description = "The configuration file.")
    private Path file;

    @Option(
            names = {"-p", "--pool"},
            paramLabel = "NAME",
            description = "Only this pool. Default: every pool of the file.")
    private @Nullable String poolName;

    @Option(
            names = "--topology",
            paramLabel = "FILE",
            description = "The topology of the cluster, for pools with 'topology: zookeeper'. Default: the last good"
                    + " one of the proxy of this file.")
    private @Nullable Path topology;

    @Parameters(
            arity = "1..*",
            paramLabel = "KEY",
            description = "The keys. \\xNN stands for any byte; \\\\, \\n, \\r and \\t are known too.")
    private List<String> keys;

    @Override
    public Integer call() {
        List<byte[]> bytes = keys.stream().map(this::parse).toList();
        ProxyConfig config = PoolsOfTopology.in(ConfigFiles.read(file), topology);
        PrintWriter out = spec.commandLine().getOut();
        for (Pool pool : chosen(config)) {
            explain(pool, bytes, out);
        }
        out.flush();
        return ExitCode.OK;
    }

    private byte[] parse(String key) {
        try {
            return KeyText.parse(key);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "KEY: " + e.getMessage(), e);
        }
    }

    private List<Pool> chosen(ProxyConfig config) {
        if (poolName == null) {
            return config.pools();
        }
        List<Pool> named = config.pools().stream()
                .filter(pool -> pool.name().equals(poolName))
                .toList();
        if (named.isEmpty()) {
            String known = config.pools().stream().map(Pool::name).collect(Collectors.joining(", "));
            throw CommandException.badInput(file + ": no pool '" + poolName + "', expected one of: " + known);
        }
        return named;
    }

    private static void explain(Pool pool, List<byte[]> keys, PrintWriter out) {
        Router router = Router.of(pool.definition());
        TextTable table = new TextTable().row("KEY", "HASHED PART", "HASH", "POSITION", "SERVER", "ADDRESS");
        for (byte[] key : keys) {
            KeyPlacement placement = KeyPlacement.of(router, key);
            table.row(
                    placement.key(),
                    placement.hashedPart(),
                    placement.hash(),
                    placement.position(),
                    placement.server(),
                    placement.address());
        }
        out.println("pool " + pool.name() + " (" + pool.protocol().word() + ")");
        table.lines().forEach(line -> out.println("  " + line));
    }
}
