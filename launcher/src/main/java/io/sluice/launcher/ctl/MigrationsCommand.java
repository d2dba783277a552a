package io.sluice.launcher.ctl;

import io.sluice.manager.api.Answers.MigrationsAnswer;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sluice ctl migrations}. */
@Command(
        name = "migrations",
        header = "Show slots and rings on their way, how they get on, and steer them.",
        subcommands = {
            MigrationOrders.Pause.class,
            MigrationOrders.Resume.class,
            MigrationOrders.Limits.class,
            MigrationOrders.Abort.class,
            MigrationOrders.Rollback.class
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  sluice ctl migrations",
            "  sluice ctl migrations --watch",
            "  sluice ctl migrations pause m-20261121-140312-k3f9",
            "  sluice ctl migrations limits m-20261121-140312-k3f9 --keys-per-second 1000"
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
}
