package io.sluice.launcher;

import java.nio.file.Path;
import java.util.Map;

/** Where a program keeps what must outlive it: systemd's folder for it, or this user's. */
final class StateFolder {

    private StateFolder() {}

    static Path of(Map<String, String> environment) {
        String systemd = environment.getOrDefault("STATE_DIRECTORY", "");
        if (!systemd.isEmpty()) {
            return Path.of(systemd.split(":", -1)[0]); // several have colons between them
        }
        String user = environment.getOrDefault("XDG_STATE_HOME", "");
        return user.startsWith("/")
                ? Path.of(user, "sluice")
                : Path.of(System.getProperty("user.home", "."), ".local", "state", "sluice");
    }
}
