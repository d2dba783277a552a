package io.sluice.launcher.ctl;

import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A command that asks the manager. */
abstract class CtlAction implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Override
    public final Integer call() {
        return Ctl.run(spec, this::run);
    }

    /** The exit code; what goes wrong is thrown as a {@link CtlException}. */
    abstract int run(Ctl ctl);
}
