package io.sluice.launcher.ctl;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A command that changes something in a pool. */
abstract class PoolChangeAction extends ChangeAction {

    @Option(names = "--pool", paramLabel = "POOL", description = "Which pool; needed if there are several.")
    private @Nullable String pool;

    /** The one that is meant. */
    final String pool(Ctl ctl) {
        return ctl.pool(pool);
    }

    /** The same, in this pool. */
    @Override
    final ChangeRun change(Ctl ctl, String what) {
        return super.change(ctl, what).with("pool", pool(ctl));
    }
}
