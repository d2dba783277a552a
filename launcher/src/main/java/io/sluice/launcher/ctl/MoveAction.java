package io.sluice.launcher.ctl;

import io.sluice.manager.api.Answers.MigrationAnswer;
import picocli.CommandLine.Mixin;

/** A command for a move that runs. */
abstract class MoveAction extends ChangeAction {

    @Mixin
    private MoveTarget move;

    /** The move as it stands. */
    final MigrationAnswer found(Ctl ctl) {
        return move.found(ctl);
    }

    /** The same, of this move. */
    @Override
    final ChangeRun change(Ctl ctl, String what) {
        return move.change(ctl, options(), what);
    }
}
