package io.sluice.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** Which build this is. */
final class BuildInfo {

    private static final Properties PROPERTIES = read();

    private BuildInfo() {}

    static String version() {
        return PROPERTIES.getProperty("version", "unknown");
    }

    /** The commit it was built from, or {@code unknown} if the build was not told. */
    static String commit() {
        return PROPERTIES.getProperty("commit", "unknown");
    }

    private static Properties read() {
        Properties properties = new Properties();
        try (InputStream in = BuildInfo.class.getResourceAsStream("build.properties")) {
            if (in != null) {
                properties.load(in);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties;
    }
}
