package io.sluice.bench.proxies;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The temporary folder of a run: configurations, logs, copies. It is removed at the end. */
public final class Folder {

    private final Path path;

    private Folder(Path path) {
        this.path = path;
    }

    public static Folder create(Teardown teardown) {
        try {
            Folder folder = new Folder(Files.createTempDirectory("sluice-bench-"));
            teardown.add(folder::remove);
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Path path() {
        return path;
    }

    public Path resolve(String name) {
        return path.resolve(name);
    }

    Path write(String name, String text) {
        try {
            return Files.writeString(path.resolve(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void remove() {
        try (Stream<Path> tree = Files.walk(path)) {
            List<Path> deepestFirst = tree.sorted(Comparator.reverseOrder()).toList();
            for (Path entry : deepestFirst) {
                Files.deleteIfExists(entry);
            }
        } catch (IOException | UncheckedIOException e) {
            System.err.println("Left behind: " + path + " (" + e.getMessage() + ")");
        }
    }
}
