package io.sluice.launcher;

import io.sluice.proxy.config.ProxyConfig;
import io.sluice.routing.config.ConfigException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads the file that {@code --config} names. */
final class ConfigFiles {

    private ConfigFiles() {}

    /** Throws {@link CommandException} with every problem of the file, one on each line. */
    static ProxyConfig read(Path file) {
        if (file.toString().isEmpty()) {
            throw CommandException.badInput("--config: expected a file, got an empty name");
        }
        if (!Files.exists(file)) {
            throw CommandException.badInput(file + ": no such file");
        }
        try {
            return ProxyConfig.read(file);
        } catch (ConfigException e) {
            throw CommandException.badInput(String.valueOf(e.getMessage()));
        }
    }
}
