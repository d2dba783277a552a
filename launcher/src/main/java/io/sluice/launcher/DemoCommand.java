package io.sluice.launcher;

import io.sluice.launcher.demo.Demo;
import io.sluice.launcher.demo.DemoException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sluice demo}: a cluster from nothing. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        versionProvider = VersionText.class,
        header = "Start a cluster with Redis servers and proxies, to try Sluice.",
        description = {
            "",
            "Three shards in a pool of slots, two proxies, and a manager with a ZooKeeper in",
            "it, to which 'sluice ctl' talks. The second proxy has the next port, if it is",
            "free.",
            "",
            "Takes the redis-server on the PATH, or else one that Sluice brings along.",
            "Everything listens on 127.0.0.1 only and keeps nothing: Ctrl-C ends all of it",
            "and removes its folder. REDIS_SERVER=/path/to/redis-server takes that one,",
            "REDIS_SERVER=bundled the one that Sluice brings along.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:stopped by Ctrl-C or SIGTERM",
            "1:could not start, for instance because the port is taken",
            "2:the command line is wrong"
        },
        footerHeading = "%nExamples:%n",
        footer = {"  sluice demo", "  sluice demo --port 7000 --shards 5"})
final class DemoCommand implements Callable<Integer> {

    private static final int MAX_PORT = 65_535;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "22121",
            description = "Where the first proxy listens, 1 to 65535. Default: ${DEFAULT-VALUE}.")
    private int port;

    @Option(
            names = "--shards",
            paramLabel = "N",
            defaultValue = "3",
            description = "How many Redis servers, 1 to " + Demo.MAX_SHARDS + ". Default: ${DEFAULT-VALUE}.")
    private int shards;

    @Override
    public Integer call() throws InterruptedException {
        requireRange("--port", port, MAX_PORT);
        requireRange("--shards", shards, Demo.MAX_SHARDS);
        quietLogUnlessAsked();
        Demo demo = start();
        PrintWriter out = spec.commandLine().getOut();
        demo.banner().forEach(out::println);
        out.flush();
        Termination.await(demo::close);
        return ExitCode.OK;
    }

    private Demo start() {
        try {
            return Demo.start(port, shards);
        } catch (DemoException e) {
            throw CommandException.failed("sluice demo: " + e.getMessage());
        }
    }

    private void requireRange(String option, int value, int max) {
        if (value < 1 || value > max) {
            throw new ParameterException(
                    spec.commandLine(), option + ": expected a number from 1 to " + max + ", got " + value);
        }
    }

    /** The banner says what matters; the log's level can be set only before the first logger is made. */
    private static void quietLogUnlessAsked() {
        if (System.getProperty("SLUICE_LOG") == null && System.getenv("SLUICE_LOG") == null) {
            System.setProperty("SLUICE_LOG", "WARN");
        }
    }
}
