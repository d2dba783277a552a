package io.sluice.launcher.ctl;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a change is made. */
final class ChangeOptions {

    /** Longer nobody waits. */
    static final Duration MAX_WAIT = Duration.ofMinutes(10);

    @Option(names = "--dry-run", description = "Show the plan, change nothing.")
    private boolean dryRun;

    @Option(
            names = {"-y", "--yes"},
            description = "Do not ask.")
    private boolean yes;

    @Option(names = "--expect-epoch", paramLabel = "N", description = "Only if the cluster is at this epoch.")
    private @Nullable Long expectedEpoch;

    @Option(
            names = "--wait",
            paramLabel = "TIME",
            defaultValue = "10s",
            description = "How long to wait until all proxies serve it, such as 500ms or 10s. Default: 10s.")
    private String wait = "";

    @Option(names = "--no-wait", description = "Do not wait for the proxies.")
    private boolean noWait;

    boolean dryRun() {
        return dryRun;
    }

    boolean yes() {
        return yes;
    }

    @Nullable Long expectedEpoch() {
        return expectedEpoch;
    }

    /** Zero for not at all. */
    Duration patience() {
        if (noWait) {
            return Duration.ZERO;
        }
        String digits = wait.replaceFirst("(ms|s|m)$", "");
        if (!digits.matches("[0-9]{1,6}")) {
            throw badWait();
        }
        long number = Long.parseLong(digits);
        Duration patience = wait.endsWith("ms")
                ? Duration.ofMillis(number)
                : wait.endsWith("m") ? Duration.ofMinutes(number) : Duration.ofSeconds(number);
        if (patience.compareTo(MAX_WAIT) > 0) {
            throw badWait();
        }
        return patience;
    }

    private CtlException badWait() {
        return CtlException.badInput(
                "--wait: '" + wait + "' is no time", "expected one such as 500ms, 10s or 2m, at most 10m");
    }
}
