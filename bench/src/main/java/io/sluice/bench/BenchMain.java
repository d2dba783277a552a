package io.sluice.bench;

import io.sluice.bench.proxies.BenchException;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** {@code bench/run}: measurements beside other proxies, each of which starts and ends everything it needs. */
@Command(
        name = "bench/run",
        mixinStandardHelpOptions = true,
        description = "Measures Sluice beside other proxies. Starts and ends everything itself, on loopback.",
        subcommands = {CompareCommand.class, StartupCommand.class, MemoryCommand.class, GrowthCommand.class},
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%nJMH:%n",
        footer = "  bench/run jmh [NAME]     the microbenchmarks; see bench/README.md")
public final class BenchMain implements Runnable {

    private static final int FAILED = 1;

    @Spec
    private CommandSpec spec;

    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        return new CommandLine(new BenchMain())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler(BenchMain::onFailure);
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getErr());
    }

    private static int onFailure(Exception failure, CommandLine command, ParseResult arguments) {
        PrintWriter err = command.getErr();
        if (failure instanceof BenchException) {
            err.println("bench: " + failure.getMessage());
        } else {
            failure.printStackTrace(err);
        }
        err.flush();
        return FAILED;
    }
}
