package io.sluice.launcher.ctl;

import io.sluice.manager.api.Answers.PoolAnswer;
import io.sluice.manager.api.Answers.PoolsAnswer;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sluice ctl pools}. */
@Command(
        name = "pools",
        header = "List the pools, or show one with its shards or servers.",
        footerHeading = "%nExamples:%n",
        footer = {"  sluice ctl pools", "  sluice ctl pools sessions"})
final class PoolsCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Parameters(arity = "0..1", paramLabel = "POOL", description = "Only this one, with its parts.")
    private @Nullable String pool;

    @Override
    public Integer call() {
        return Ctl.run(
                spec,
                ctl -> pool == null
                        ? ctl.show(ctl.manager().get("/v1/pools"), PoolsAnswer.class, AnswerText::pools)
                        : ctl.show(
                                ctl.manager().get("/v1/pools/" + Ctl.encoded(pool)),
                                PoolAnswer.class,
                                AnswerText::pool));
    }
}
