package io.sluice.launcher.ctl;

import picocli.CommandLine.Mixin;

/** A command that changes the cluster. */
abstract class ChangeAction extends CtlAction {

    @Mixin
    private ChangeOptions options;

    final ChangeOptions options() {
        return options;
    }

    /** @param what in the words of the API */
    ChangeRun change(Ctl ctl, String what) {
        return new ChangeRun(ctl, options, what);
    }

    /** Whether something that ended with this code has begun, rather than been shown. */
    final boolean isBegun(Ctl ctl, int code) {
        return code == CtlExit.OK && !options.dryRun() && !ctl.planOnly();
    }
}
