package io.sluice.launcher;

import io.sluice.launcher.ctl.CtlCommand;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code sluice} itself: only its subcommands do anything. */
@Command(
        name = "sluice",
        mixinStandardHelpOptions = true,
        versionProvider = VersionText.class,
        description = {"", "One address in front of many Redis servers: every key goes to its server.", ""},
        subcommands = {
            DemoCommand.class,
            ProxyCommand.class,
            ManagerCommand.class,
            CheckCommand.class,
            ExplainCommand.class,
            CtlCommand.class,
            VersionCommand.class,
            TrainingCommand.class,
            HelpCommand.class
        },
        synopsisSubcommandLabel = "COMMAND",
        commandListHeading = "%nCommands:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done, or stopped by SIGTERM or Ctrl-C after answering what was in flight",
            "1:failed while doing it: a port is taken, a server does not start",
            "2:the command line or the configuration is wrong"
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  sluice demo                                     try it now",
            "  sluice check --config nutcracker.yml            is this file right?",
            "  sluice explain --config nutcracker.yml user:1   which server owns this key?",
            "  sluice proxy --config nutcracker.yml            run it",
            "  sluice manager                                  keep a topology in ZooKeeper",
            "  sluice ctl proxies                              what does the cluster do?",
            "  sluice help proxy                               more about one command",
            "",
            "Environment:",
            "  SLUICE_LOG=DEBUG         log more; also ERROR, WARN, INFO, TRACE",
            "  SLUICE_JAVA_OPTS=-Xmx1g  more options for the JVM"
        })
final class SluiceCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
        return ExitCode.BAD_INPUT;
    }
}
