package io.sluice.launcher;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Where the program starts: reads the command line and turns whatever goes wrong into a message and an exit code. */
public final class SluiceMain {

    private SluiceMain() {}

    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        return new CommandLine(new SluiceCommand())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .setParameterExceptionHandler(SluiceMain::onBadArguments)
                .setExecutionExceptionHandler(SluiceMain::onFailure);
    }

    private static int onBadArguments(ParameterException problem, String[] arguments) {
        CommandLine command = problem.getCommandLine();
        String name = command.getCommandSpec().qualifiedName();
        PrintWriter err = command.getErr();
        err.println(name + ": " + problem.getMessage());
        UnmatchedArgumentException.printSuggestions(problem, err);
        err.println("Try '" + name + " --help'.");
        err.flush();
        return ExitCode.BAD_INPUT;
    }

    private static int onFailure(Exception failure, CommandLine command, ParseResult arguments) {
        PrintWriter err = command.getErr();
        int exitCode = ExitCode.FAILED;
        if (failure instanceof CommandException expected) {
            err.println(expected.getMessage());
            exitCode = expected.exitCode();
        } else {
            err.println(command.getCommandSpec().qualifiedName() + ": this is a bug in Sluice, please report it:");
            failure.printStackTrace(err);
        }
        err.flush();
        return exitCode;
    }
}
