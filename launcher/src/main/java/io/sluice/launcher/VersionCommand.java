package io.sluice.launcher;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code sluice version}. */
@Command(
        name = "version",
        mixinStandardHelpOptions = true,
        versionProvider = VersionText.class,
        header = "Show version, commit, Java, and which network transports work here.",
        description = "",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = "0:always",
        footerHeading = "%nExamples:%n",
        footer = "  sluice version")
final class VersionCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        for (String line : new VersionText().getVersion()) {
            out.println(line);
        }
        out.flush();
        return ExitCode.OK;
    }
}
