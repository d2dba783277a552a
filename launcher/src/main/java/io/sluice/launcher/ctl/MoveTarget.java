package io.sluice.launcher.ctl;

import io.sluice.manager.api.Answers.MigrationAnswer;
import io.sluice.manager.api.Answers.MigrationsAnswer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which move is meant. */
final class MoveTarget {

    @Parameters(paramLabel = "ID", description = "As 'sluice ctl migrations' shows it.")
    private String id = "";

    @Option(names = "--pool", paramLabel = "POOL", description = "Which pool. Default: the one that has it.")
    private @Nullable String pool;

    String id() {
        return id;
    }

    /** A change of it. */
    ChangeRun change(Ctl ctl, ChangeOptions options, String change) {
        return new ChangeRun(ctl, options, change)
                .with("pool", pool == null ? found(ctl).pool() : pool)
                .with("id", id)
                .atAnyEpoch();
    }

    /** As it stands. */
    MigrationAnswer found(Ctl ctl) {
        Optional<MigrationAnswer> found =
                Ctl.read(ctl.manager().get("/v1/migrations"), MigrationsAnswer.class).migrations().stream()
                        .filter(migration -> migration.id().equals(id))
                        .findFirst();
        return found.orElseThrow(() -> CtlException.badInput(
                "nothing is on its way by the id " + id,
                "'sluice ctl migrations' shows what is; what is over is in 'sluice ctl history', and 'sluice ctl slots"
                        + " move' moves slots back"));
    }
}
