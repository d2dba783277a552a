package io.sluice.launcher.ctl;

import io.sluice.manager.api.Answers.MigrationAnswer;
import io.sluice.manager.api.Answers.MigrationsAnswer;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sluice ctl migrations}. */
@Command(
        name = "migrations",
        header = "Show slots on their way, and how their keys get on.",
        subcommands = MigrationsCommand.Abort.class,
        footerHeading = "%nExamples:%n",
        footer = {
            "  sluice ctl migrations",
            "  sluice ctl migrations --watch",
            "  sluice ctl migrations abort m-20261121-140312-k3f9"
        })
final class MigrationsCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Option(names = "--watch", description = "Show what changes, until nothing is on its way.")
    private boolean watch;

    @Override
    public Integer call() {
        return Ctl.run(
                spec,
                ctl -> watch
                        ? new MigrationWatch(ctl).untilNoneIsLeft()
                        : ctl.show(
                                ctl.manager().get("/v1/migrations"),
                                MigrationsAnswer.class,
                                MigrationText::migrations));
    }

    /** {@code sluice ctl migrations abort}. */
    @Command(
            name = "abort",
            header = "Leave slots where they are, and take the copies away.",
            description = {"", "Only before the switch: afterwards, move them back when the move is done.", ""},
            footerHeading = "%nExamples:%n",
            footer = "  sluice ctl migrations abort m-20261121-140312-k3f9")
    static final class Abort implements Callable<Integer> {

        @Spec
        private CommandSpec spec;

        @Mixin
        private ChangeOptions options;

        @Parameters(paramLabel = "ID", description = "As 'sluice ctl migrations' shows it.")
        private String id;

        @Option(names = "--pool", paramLabel = "POOL", description = "Which pool. Default: the one that has it.")
        private @Nullable String pool;

        @Override
        public Integer call() {
            return Ctl.run(
                    spec,
                    ctl -> new ChangeRun(ctl, options, "migrations abort")
                            .with("pool", pool == null ? poolOf(ctl) : pool)
                            .with("id", id)
                            .run());
        }

        private String poolOf(Ctl ctl) {
            return Ctl.read(ctl.manager().get("/v1/migrations"), MigrationsAnswer.class).migrations().stream()
                    .filter(migration -> migration.id().equals(id))
                    .findFirst()
                    .map(MigrationAnswer::pool)
                    .orElseThrow(() -> CtlException.badInput(
                            "nothing is on its way by the id " + id, "'sluice ctl migrations' shows what is"));
        }
    }
}
