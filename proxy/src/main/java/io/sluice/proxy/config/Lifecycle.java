package io.sluice.proxy.config;

import io.sluice.routing.config.ScalarType;
import io.sluice.routing.config.YamlSection;
import java.time.Duration;
import java.util.Optional;

/**
 * How a running proxy gets another configuration.
 *
 * @param reloadOnChange whether it follows its file without being told
 * @param drainTimeout how long servers and pools that are taken away may go on answering what is in flight
 * @param control path of the socket at which another process may take over; {@link #AUTO_CONTROL} or {@link #NO_CONTROL}
 */
public record Lifecycle(boolean reloadOnChange, Duration drainTimeout, String control) {

    /** In a folder that only the user of the process may look into. */
    public static final String AUTO_CONTROL = "auto";

    public static final String NO_CONTROL = "none";

    /** A unix socket's name has 107 bytes, and another process adds some while it takes the place. */
    private static final int MAX_CONTROL_CHARACTERS = 90;

    private static final ScalarType<String> CONTROL = ScalarType.of(
            "a path",
            "auto, none, or an absolute path of at most " + MAX_CONTROL_CHARACTERS + " characters",
            Lifecycle::control);

    public static final Lifecycle DEFAULTS = new Lifecycle(true, Duration.ofSeconds(30), AUTO_CONTROL);

    /** Reads its keys, which stand at the top of Sluice's own file. */
    static Lifecycle read(YamlSection file) {
        return new Lifecycle(
                file.value("reload_on_change", DEFAULTS.reloadOnChange, ScalarType.BOOLEAN),
                file.value(
                        "drain_timeout",
                        DEFAULTS.drainTimeout,
                        ScalarType.duration(Duration.ZERO, Duration.ofHours(1))),
                file.value("control", DEFAULTS.control, CONTROL));
    }

    private static Optional<String> control(String text) {
        boolean isWord = text.equals(AUTO_CONTROL) || text.equals(NO_CONTROL);
        boolean isPath = text.startsWith("/") && text.length() <= MAX_CONTROL_CHARACTERS;
        return isWord || isPath ? Optional.of(text) : Optional.empty();
    }
}
