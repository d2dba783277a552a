package io.sluice.manager.migration;

import io.sluice.manager.migration.engine.CopyLimits;
import io.sluice.routing.cluster.Handoff;
import io.sluice.routing.config.ScalarType;
import io.sluice.routing.config.YamlSection;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How slots are moved.
 *
 * @param cleanupDelay between a switch and the removal of the moved keys from the source
 * @param freezeLimit after which a freeze is given up and tried again; later ones of the same move may last longer
 * @param limits of each copy
 * @param spoolDir where the stream waits for the target; null for a folder beside the manager's data
 */
public record MigrationConfig(
        Duration cleanupDelay,
        Duration freezeLimit,
        CopyLimits limits,
        @Nullable Path spoolDir) {

    public static final MigrationConfig DEFAULT = new MigrationConfig(
            HandoffRules.DEFAULT.cleanupDelay(), HandoffRules.DEFAULT.freezeLimit(), CopyLimits.DEFAULTS, null);

    private static final ScalarType<Duration> DELAY = ScalarType.duration(Duration.ofMillis(100), Duration.ofDays(1));
    private static final ScalarType<Duration> FREEZE =
            ScalarType.duration(Duration.ofMillis(10), Handoff.FREEZE_BUDGET);
    private static final ScalarType<Integer> KEYS = ScalarType.integer(1, 10_000_000);
    private static final ScalarType<Integer> BYTES = ScalarType.bytes(1024, Integer.MAX_VALUE);
    private static final ScalarType<Path> FOLDER =
            ScalarType.of("a folder", "auto, or the path of a folder", MigrationConfig::folder);

    /** Reads the section {@code migration}; mistakes stay with it. */
    public static MigrationConfig read(YamlSection section) {
        CopyLimits limits = CopyLimits.DEFAULTS
                .withKeysPerSecond(section.value("keys_per_second", CopyLimits.DEFAULTS.keysPerSecond(), KEYS))
                .withBytesPerSecond(
                        section.value("bytes_per_second", (int) CopyLimits.DEFAULTS.bytesPerSecond(), BYTES));
        Optional<Path> spool = section.scalar("spool_dir", "auto")
                .filter(text -> !text.text().equals("auto"))
                .flatMap(FOLDER::read);
        MigrationConfig read = new MigrationConfig(
                section.value("cleanup_delay", DEFAULT.cleanupDelay, DELAY),
                section.value("freeze_limit", DEFAULT.freezeLimit, FREEZE),
                limits,
                spool.orElse(null));
        section.rejectUnknownKeys();
        return read;
    }

    private static Optional<Path> folder(String text) {
        try {
            return text.isBlank() ? Optional.empty() : Optional.of(Path.of(text));
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    /** The same, with a folder for what waits. */
    public MigrationConfig withSpoolDir(Path folder) {
        return new MigrationConfig(cleanupDelay, freezeLimit, limits, folder);
    }

    /** The bounds of handoffs by this. */
    public HandoffRules rules() {
        return HandoffRules.DEFAULT.withCleanupDelay(cleanupDelay).withFreezeLimit(freezeLimit);
    }
}
