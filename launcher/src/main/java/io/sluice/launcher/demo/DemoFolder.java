package io.sluice.launcher.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The demo's private temporary folder, which is removed when the demo ends, however it ends. */
final class DemoFolder implements AutoCloseable {

    private static final String REMOVE_AT_END = "read -r end; exec rm -rf \"$0\"";

    private final Path path;
    private final GuardedProcess remover;

    private DemoFolder(Path path, GuardedProcess remover) {
        this.path = path;
        this.remover = remover;
    }

    /** Made for this user only, as all folders of {@link Files#createTempDirectory} are. */
    static DemoFolder create() throws IOException {
        Path path = Files.createTempDirectory("sluice-demo-");
        Path log = path.resolve("remover.log");
        return new DemoFolder(path, GuardedProcess.start(log, REMOVE_AT_END, List.of(path.toString())));
    }

    Path path() {
        return path;
    }

    Path write(String name, String text) throws IOException {
        return Files.writeString(path.resolve(name), text);
    }

    @Override
    public void close() {
        remover.close();
    }
}
