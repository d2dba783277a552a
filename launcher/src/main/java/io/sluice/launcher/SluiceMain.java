package io.sluice.launcher;

import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
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
        err.println(name + ": " + message(problem));
        UnmatchedArgumentException.printSuggestions(problem, err);
        err.println("Try '" + name + " --help'.");
        err.flush();
        return ExitCode.BAD_INPUT;
    }

    /** An option that does not exist is often the reason why a required one is missing, so it is told first. */
    private static String message(ParameterException problem) {
        List<String> unknown = problem.getCommandLine().getUnmatchedArguments();
        boolean misspelt = problem instanceof MissingParameterException && !unknown.isEmpty();
        return misspelt ? "Unknown option or argument: '" + unknown.get(0) + "'" : String.valueOf(problem.getMessage());
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
