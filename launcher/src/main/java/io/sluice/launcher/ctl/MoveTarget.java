package io.sluice.launcher.ctl;

import io.sluice.manager.api.Answers.MigrationAnswer;
import io.sluice.manager.api.Answers.MigrationsAnswer;
import io.sluice.manager.api.Answers.RingAnswer;
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
                .with("pool", pool == null ? poolOf(ctl) : pool)
                .with("id", id)
                .atAnyEpoch();
    }

    private String poolOf(Ctl ctl) {
        MigrationsAnswer all = all(ctl);
        return all.rings().stream()
                .filter(ring -> ring.id().equals(id))
                .map(RingAnswer::pool)
                .findFirst()
                .orElseGet(() -> found(all).pool());
    }

    /** As it stands. */
    MigrationAnswer found(Ctl ctl) {
        return found(all(ctl));
    }

    private MigrationAnswer found(MigrationsAnswer all) {
        return all.migrations().stream()
                .filter(migration -> migration.id().equals(id))
                .findFirst()
                .orElseThrow(() -> CtlException.badInput(
                        "nothing is on its way by the id " + id,
                        "'sluice ctl migrations' shows what is; what is over is in 'sluice ctl history', and 'sluice ctl"
                                + " slots move' moves slots back"));
    }

    private static MigrationsAnswer all(Ctl ctl) {
        return Ctl.read(ctl.manager().get("/v1/migrations"), MigrationsAnswer.class);
    }
}
