package io.sluice.launcher.ctl;

import io.sluice.manager.api.Answers.MigrationAnswer;
import io.sluice.manager.api.Answers.MigrationsAnswer;
import io.sluice.manager.api.Answers.RingAnswer;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
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
        header = "Show slots and rings on their way, and how they get on.",
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
            header = "Leave slots, or a ring's servers, as they were.",
            description = {
                "",
                "Slots: only before the switch; afterwards, move them back.",
                "A ring goes back step by step, as it came.",
                ""
            },
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
            MigrationsAnswer all = Ctl.read(ctl.manager().get("/v1/migrations"), MigrationsAnswer.class);
            Stream<String> ofSlots = all.migrations().stream()
                    .filter(migration -> migration.id().equals(id))
                    .map(MigrationAnswer::pool);
            Stream<String> ofRings =
                    all.rings().stream().filter(ring -> ring.id().equals(id)).map(RingAnswer::pool);
            return Stream.concat(ofSlots, ofRings)
                    .findFirst()
                    .orElseThrow(() -> CtlException.badInput(
                            "nothing is on its way by the id " + id, "'sluice ctl migrations' shows what is"));
        }
    }
}
