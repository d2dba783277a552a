package io.sluice.bench.proxies;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Programs on the PATH, and what short ones print. */
public final class Programs {

    private Programs() {}

    /** Looks in /usr/sbin too, where Debian puts nutcracker. */
    public static Optional<Path> find(String name) {
        String directories = Optional.ofNullable(System.getenv("PATH")).orElse("");
        return Stream.concat(Arrays.stream(directories.split(File.pathSeparator)), Stream.of("/usr/sbin"))
                .filter(directory -> !directory.isEmpty())
                .map(directory -> Path.of(directory, name))
                .filter(path -> Files.isRegularFile(path) && Files.isExecutable(path))
                .findFirst();
    }

    public static String require(String name) {
        return find(name)
                .orElseThrow(() -> new BenchException(name + " is not on the PATH; the bench needs it"))
                .toString();
    }

    /** What a program that ends by itself says on both outputs. */
    public static Finished run(List<String> command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Finished(process.waitFor(), output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchException("interrupted", e);
        }
    }

    /** The first line that has something to say, or {@code unknown}. */
    public static String firstLine(String... command) {
        try {
            return run(List.of(command))
                    .output()
                    .lines()
                    .filter(line -> !line.isBlank())
                    .findFirst()
                    .orElse("unknown");
        } catch (UncheckedIOException e) {
            return "unknown";
        }
    }

    /**
     * How a program ended.
     *
     * @param output stdout and stderr as they came
     */
    public record Finished(int exitCode, String output) {}
}
