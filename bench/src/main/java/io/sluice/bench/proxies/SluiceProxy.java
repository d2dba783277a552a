package io.sluice.bench.proxies;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Sluice as users start it: by the script, with the script's own flags. */
public final class SluiceProxy {

    private final SluiceVariant variant;
    private final Folder folder;
    private final Teardown teardown;
    private final Path script;
    private final Path config;
    private final int port;
    private final Dialect dialect;

    /** Writes its configuration, and for another jar its own distribution; starts nothing. */
    public SluiceProxy(
            SluiceVariant variant,
            Path repository,
            Dialect dialect,
            List<Target> servers,
            Folder folder,
            Teardown teardown) {
        this.variant = variant;
        this.folder = folder;
        this.teardown = teardown;
        this.dialect = dialect;
        this.port = FreePorts.next();
        this.script =
                variant.jar().map(jar -> distribution(repository, jar)).orElseGet(() -> repository.resolve("sluice"));
        this.config = folder.write(variant.name() + ".yaml", """
                workers: %d
                transport: %s
                pools:
                  bench:
                    listen: 127.0.0.1:%d
                    protocol: %s
                    distribution: ketama
                    hash: fnv1a_64
                    servers:
                %s
                """.formatted(
                        variant.workers(),
                        variant.transport(),
                        port,
                        dialect.key(),
                        CProxies.serverLines(servers).indent(2).stripTrailing()));
    }

    /** One for all processes of a variant. */
    private Path distribution(Path repository, Path jar) {
        Path home = folder.resolve(variant.name() + "-home");
        if (Files.isDirectory(home)) {
            return home.resolve("sluice");
        }
        try {
            Files.createDirectory(home);
            Files.copy(jar, Files.createDirectory(home.resolve("lib")).resolve("sluice.jar"));
            return Files.copy(repository.resolve("sluice"), home.resolve("sluice"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return port;
    }

    /** Builds the jar and the class archive if they are missing, so that no start is measured with them. */
    public void prepare() {
        OwnProcess.runToEnd(
                variant.name() + "-prepare",
                folder,
                environment(Map.of("SLUICE_ARCHIVE", "make")),
                List.of(script.toString(), "check", "--config", config.toString()));
    }

    /** Starts it without waiting for it. */
    public OwnProcess launch(Map<String, String> environment) {
        return OwnProcess.start(
                variant.name(),
                folder,
                teardown,
                environment(environment),
                List.of(script.toString(), "proxy", "--config", config.toString()));
    }

    private Map<String, String> environment(Map<String, String> more) {
        Map<String, String> environment = new HashMap<>(more);
        environment.put("SLUICE_JAVA_OPTS", String.join(" ", variant.javaOptions()));
        variant.javaHome().ifPresent(home -> environment.put("JAVA_HOME", home.toString()));
        return environment;
    }

    /** Starts it and waits for its first reply. */
    public Target start() {
        OwnProcess process = launch(Map.of());
        process.awaitReply(port, dialect.probe());
        return new Target(variant.name(), port, process, true);
    }
}
