package io.sluice.launcher.ctl;

import io.sluice.manager.migration.BeginHandoff;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a ring gets to its next servers under traffic. */
final class RingOptions {

    @Option(
            names = "--window",
            paramLabel = "TIME",
            description = {
                "For memcached: for so long, what the new",
                "server has not is looked for at the old one.",
                "1s to 1440m, such as 10m."
            })
    private @Nullable String window;

    @Option(
            names = "--broker",
            description = {
                "For Redis with lists as queues: new messages go to",
                "the new server, the old one is emptied first."
            })
    private boolean broker;

    @Option(
            names = "--grace",
            paramLabel = "TIME",
            description = "With --broker: how long old must be empty. Default: 30s.")
    private @Nullable String grace;

    @Option(names = "--watch", description = "Show how it gets on, until it is done.")
    private boolean watch;

    private final String id = BeginHandoff.newId(Instant.now());

    boolean areGiven() {
        return window != null || broker;
    }

    ChangeRun into(ChangeRun run) {
        return run.with("id", id).with("window", window).with("broker", broker).with("grace", grace);
    }

    /** The exit code, after the change was begun or not. */
    int watch(Ctl ctl, ChangeOptions options, int code, String pool, List<String> comes, List<String> goes) {
        boolean isBegun = code == CtlExit.OK && !options.dryRun() && !ctl.planOnly();
        return isBegun && watch ? new MigrationWatch(ctl).untilRingIsDone(pool, id, comes, goes) : code;
    }
}
