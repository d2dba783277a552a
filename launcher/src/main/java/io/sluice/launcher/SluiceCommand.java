package io.sluice.launcher;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sluice} itself: only its subcommands do anything. */
@Command(
        name = "sluice",
        mixinStandardHelpOptions = true,
        versionProvider = VersionText.class,
        description = {"", "One address in front of many Redis servers: every key goes to the server that owns it.", ""
        },
        subcommands = {
            DemoCommand.class,
            ProxyCommand.class,
            CheckCommand.class,
            ExplainCommand.class,
            VersionCommand.class,
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
            "  sluice demo                                     try it: three Redis servers and a proxy",
            "  sluice check --config nutcracker.yml            is this file right?",
            "  sluice explain --config nutcracker.yml user:1   which server owns this key?",
            "  sluice proxy --config nutcracker.yml            run it",
            "  sluice help proxy                               more about one command",
            "",
            "Environment: SLUICE_LOG=DEBUG logs more; SLUICE_JAVA_OPTS adds options for the JVM."
        })
final class SluiceCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        CommandLine command = spec.commandLine();
        command.usage(command.getErr());
        throw new ParameterException(command, "a command is missing");
    }
}
