package io.sluice.launcher.ctl;

import io.sluice.manager.api.Answers.HistoryAnswer;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sluice ctl history}. */
@Command(
        name = "history",
        header = "Show who changed what, the newest first.",
        footerHeading = "%nExamples:%n",
        footer = {"  sluice ctl history", "  sluice ctl history --limit 100 --json"})
final class HistoryCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Option(names = "--limit", paramLabel = "N", defaultValue = "20", description = "How many; default 20.")
    private int limit;

    @Override
    public Integer call() {
        return Ctl.run(
                spec,
                ctl -> ctl.show(
                        ctl.manager().get("/v1/history?limit=" + limit), HistoryAnswer.class, AnswerText::history));
    }
}
