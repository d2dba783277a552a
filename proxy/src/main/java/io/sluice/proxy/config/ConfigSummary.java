package io.sluice.proxy.config;

import java.nio.file.Path;

/** Stand-in. */
public final class ConfigSummary {

    private ConfigSummary() {}

    public static String of(Path file, ProxyConfig config) {
        return file + ": " + config.pools();
    }
}
