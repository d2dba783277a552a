package io.sluice.testing;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import org.opentest4j.TestAbortedException;

/** Finds server programs, and decides what it means when one is missing. */
public final class Binaries {

    /** System property: names of the servers, and transports, that must be there, separated by commas. Set in CI. */
    static final String REQUIRE = "sluice.it.require";

    private Binaries() {}

    public static Optional<Path> onPath(String program) {
        String directories = Optional.ofNullable(System.getenv("PATH")).orElse("");
        return Stream.concat(Arrays.stream(directories.split(File.pathSeparator)), Stream.of("/usr/sbin"))
                .filter(directory -> !directory.isEmpty())
                .map(directory -> Path.of(directory, program))
                .filter(path -> Files.isRegularFile(path) && Files.isExecutable(path))
                .findFirst();
    }

    /** The program on the PATH; if there is none the test is skipped, or fails where {@code name} is required. */
    public static Path onPathOrSkip(String name, String program) {
        return onPath(program).orElseThrow(() -> missing(name, "no " + program + " on the PATH"));
    }

    /** What to throw when a server is missing: a skip with its reason, or a failure where {@code name} is required. */
    public static RuntimeException missing(String name, String reason) {
        if (isRequired(name)) {
            return new IllegalStateException("'" + name + "' is required by -D" + REQUIRE + " but missing: " + reason);
        }
        return new TestAbortedException("Skipped, '" + name + "' is missing: " + reason);
    }

    static boolean isRequired(String name) {
        return Arrays.stream(System.getProperty(REQUIRE, "").split(","))
                .map(String::strip)
                .anyMatch(name::equals);
    }
}
