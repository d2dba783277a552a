package io.sluice.launcher.ctl;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a move may take; the manager knows the bounds. */
final class LimitOptions {

    @Option(names = "--keys-per-second", paramLabel = "N", description = "Keys a second at most.")
    private @Nullable String keysPerSecond;

    @Option(names = "--bytes-per-second", paramLabel = "SIZE", description = "Such as 20mb.")
    private @Nullable String bytesPerSecond;

    @Option(names = "--outstanding-commands", paramLabel = "N", description = "Commands without a reply.")
    private @Nullable String outstandingCommands;

    @Option(names = "--spool-bytes", paramLabel = "SIZE", description = "On the manager's disk, such as 4gb.")
    private @Nullable String spoolBytes;

    @Option(
            names = "--slow-down-above-ms",
            paramLabel = "N",
            description = "Slow down while pings of the target take longer.")
    private @Nullable String slowDownAboveMs;

    ChangeRun addTo(ChangeRun run) {
        return run.with("keys_per_second", keysPerSecond)
                .with("bytes_per_second", bytesPerSecond)
                .with("outstanding_commands", outstandingCommands)
                .with("spool_bytes", spoolBytes)
                .with("slow_down_above_ms", slowDownAboveMs);
    }
}
