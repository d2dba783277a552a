package io.sluice.launcher.ctl;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How a move that begins copies its keys. */
final class EngineOptions {

    @Option(
            names = "--engine",
            paramLabel = "ENGINE",
            description = "auto, stream, track or replica. Default: auto, the one that suits best.")
    private @Nullable String engine;

    @Mixin
    private LimitOptions limits;

    ChangeRun addTo(ChangeRun run) {
        return limits.addTo(run.with("engine", engine));
    }
}
