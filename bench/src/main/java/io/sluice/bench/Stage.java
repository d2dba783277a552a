package io.sluice.bench;

import io.sluice.bench.proxies.BenchException;
import io.sluice.bench.proxies.CProxies;
import io.sluice.bench.proxies.Dialect;
import io.sluice.bench.proxies.Folder;
import io.sluice.bench.proxies.SluiceProxy;
import io.sluice.bench.proxies.SluiceVariant;
import io.sluice.bench.proxies.Target;
import io.sluice.bench.proxies.Teardown;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Two servers and what stands in front of them, for one run. */
final class Stage implements AutoCloseable {

    private static final String REPOSITORY = "sluice.bench.repository";

    private final Teardown teardown = new Teardown();
    private final Folder folder = Folder.create(teardown);
    private final Dialect dialect;
    private final List<Target> servers;
    private final Path repository;
    private final Consumer<String> notes;

    /** Starts the servers. {@code notes} hears what cannot be measured here, and why. */
    Stage(Dialect dialect, Consumer<String> notes) {
        this.dialect = dialect;
        this.notes = notes;
        this.repository = Path.of(System.getProperty(REPOSITORY, "")).toAbsolutePath();
        if (!Files.isExecutable(repository.resolve("sluice"))) {
            throw new BenchException("no ./sluice in " + repository + "; start it as bench/run");
        }
        this.servers =
                List.of(dialect.startServer("left", folder, teardown), dialect.startServer("right", folder, teardown));
    }

    Path repository() {
        return repository;
    }

    Folder folder() {
        return folder;
    }

    List<Target> servers() {
        return servers;
    }

    /** A Sluice that is built and has its class archive, and does not run yet. */
    SluiceProxy sluice(SluiceVariant variant) {
        SluiceProxy sluice = new SluiceProxy(variant, repository, dialect, servers, folder, teardown);
        sluice.prepare();
        return sluice;
    }

    /** Starts all proxies there are; a Sluice that does not start is a failure, another proxy is left out. */
    List<Target> startProxies(List<SluiceVariant> variants, List<String> without) {
        List<Target> targets = new ArrayList<>();
        if (!without.contains(Target.NUTCRACKER)) {
            CProxies.nutcracker(dialect, servers, folder, teardown)
                    .ifPresentOrElse(targets::add, () -> notes.accept("nutcracker is not installed: no ratios"));
        }
        if (!without.contains("predixy") && dialect == Dialect.REDIS) {
            CProxies.predixy(servers, folder, teardown)
                    .ifPresentOrElse(targets::add, () -> notes.accept("predixy is not installed"));
        }
        for (SluiceVariant variant : variants) {
            targets.add(sluice(variant).start());
        }
        return targets;
    }

    /** A server as clients see it without a proxy. */
    Target direct() {
        return new Target(Target.DIRECT, servers.get(0).port(), servers.get(0).process(), false);
    }

    @Override
    public void close() {
        teardown.close();
    }
}
