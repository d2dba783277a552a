package io.sluice.launcher.demo;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import java.util.Optional;

/**
 * The {@code redis-server} a demo runs: the one {@code REDIS_SERVER} names, else the one on the PATH, else the static
 * one that Sluice brings along.
 *
 * @param program what to start
 * @param origin how it was found, for people
 */
record RedisBinary(Path program, String origin) {

    private static final String VARIABLE = "REDIS_SERVER";
    private static final String BUNDLED = "bundled";
    private static final String BUNDLED_VERSION = "7.0.15";

    /** Unpacks the bundled server into {@code folder} if no other is there. */
    static RedisBinary find(Path folder) throws DemoException {
        Optional<String> named = Optional.ofNullable(System.getenv(VARIABLE)).filter(name -> !name.isBlank());
        if (named.isPresent()) {
            return named.get().equals(BUNDLED) ? bundled(folder) : named(Path.of(named.get()));
        }
        Optional<Path> onPath = Programs.onPath("redis-server");
        return onPath.isPresent() ? new RedisBinary(onPath.get(), onPath.get().toString()) : bundled(folder);
    }

    private static RedisBinary named(Path program) throws DemoException {
        if (!Files.isExecutable(program)) {
            throw new DemoException(VARIABLE + " names no program: " + program);
        }
        return new RedisBinary(program, program.toString());
    }

    private static RedisBinary bundled(Path folder) throws DemoException {
        String resource = "/redis-server-" + BUNDLED_VERSION + "-" + platform();
        Path program = folder.resolve("redis-server");
        try (InputStream in = RedisBinary.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new DemoException(
                        "no redis-server on the PATH, and none for " + platform() + " comes with Sluice");
            }
            Files.copy(in, program);
            Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        } catch (IOException e) {
            throw new DemoException("cannot unpack the bundled redis-server: " + e.getMessage(), e);
        }
        return new RedisBinary(program, "bundled with Sluice");
    }

    private static String platform() {
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("mac") ? "darwin" : "linux";
        String architecture = System.getProperty("os.arch");
        return system + "-" + (architecture.equals("aarch64") ? "arm64" : architecture.replace("x86_64", "amd64"));
    }
}
