package io.sluice.launcher.ctl;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sluice ctl completion}. */
@Command(
        name = "completion",
        header = "Print a script that completes sluice's commands and options.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  sluice ctl completion bash > /etc/bash_completion.d/sluice",
            "  source <(sluice ctl completion zsh)"
        })
final class CompletionCommand implements Callable<Integer> {

    /** The shells; one script serves both. */
    enum Shell {
        BASH,
        ZSH
    }

    @Spec
    private CommandSpec spec;

    @SuppressWarnings("UnusedVariable") // picocli refuses other words
    @Parameters(paramLabel = "SHELL", description = "bash or zsh.")
    private Shell shell;

    @Override
    public Integer call() {
        CommandSpec root = spec.root();
        spec.commandLine().getOut().print(AutoComplete.bash(root.name(), root.commandLine()));
        spec.commandLine().getOut().flush();
        return CtlExit.OK;
    }
}
