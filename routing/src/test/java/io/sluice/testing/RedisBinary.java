package io.sluice.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The {@code redis-server} to start: the one named by {@code -Dredis.server} or {@code REDIS_SERVER} (a path, or
 * {@code bundled}), else the one on the PATH, else the one that comes with the tests' dependencies.
 *
 * @param path the program
 * @param source how it was found, for the log
 */
record RedisBinary(Path path, String source) {

    private static final String BUNDLED = "bundled";
    private static @Nullable Path unpacked;

    static Optional<RedisBinary> find() {
        Optional<String> named = Optional.ofNullable(System.getProperty("redis.server"))
                .or(() -> Optional.ofNullable(System.getenv("REDIS_SERVER")));
        if (named.isPresent() && !named.get().equals(BUNDLED)) {
            return Optional.of(named(Path.of(named.get())));
        }
        Optional<RedisBinary> onPath = named.isPresent()
                ? Optional.empty()
                : Binaries.onPath("redis-server").map(path -> new RedisBinary(path, "PATH"));
        return onPath.or(() -> bundled().map(path -> new RedisBinary(path, BUNDLED)));
    }

    private static RedisBinary named(Path path) {
        if (!Files.isExecutable(path)) {
            throw new IllegalStateException("redis.server or REDIS_SERVER names no program: " + path);
        }
        return new RedisBinary(path, "redis.server");
    }

    private static synchronized Optional<Path> bundled() {
        if (unpacked == null) {
            unpacked = unpack(resourceName());
        }
        return Optional.ofNullable(unpacked);
    }

    private static @Nullable Path unpack(String resource) {
        try (InputStream in = RedisBinary.class.getResourceAsStream(resource)) {
            if (in == null) {
                return null;
            }
            Path program = Files.createTempFile("sluice-redis-server", "");
            Files.copy(in, program, StandardCopyOption.REPLACE_EXISTING);
            Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
            program.toFile().deleteOnExit();
            return program;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String resourceName() {
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("mac") ? "darwin" : "linux";
        String machine = System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
        return "/redis-server-7.0.15-" + system + "-" + machine;
    }
}
