package io.sluice.launcher;

import io.sluice.manager.ClusterManager;
import io.sluice.manager.FailoverTask;
import io.sluice.manager.ManagerStartException;
import io.sluice.manager.config.ManagerConfig;
import io.sluice.routing.config.ConfigException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code sluice manager}: runs the cluster manager until a signal ends it. */
@Command(
        name = "manager",
        mixinStandardHelpOptions = true,
        versionProvider = VersionText.class,
        header = "Run the cluster manager.",
        description = {
            "",
            "Keeps the topology of a cluster in ZooKeeper: pools, shards, servers, slots.",
            "Proxies with a 'zookeeper' section follow it without a restart, and go on",
            "serving when it, or all of ZooKeeper, is away.",
            "",
            "Without a file it manages the cluster 'main' on this machine alone, with a",
            "ZooKeeper of its own in this process at 127.0.0.1:9701, whose data lie in a",
            "folder of yours (the log says which), and its API at http://127.0.0.1:9700.",
            "",
            "For more than one machine: run ZooKeeper, name it in the file's section",
            "'zookeeper', and start two or three managers. One leads; the others take over",
            "within seconds when it dies. See conf/manager.yaml for every key.",
            "",
            "The log goes to stderr. SIGTERM and Ctrl-C hand over to another manager at once.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:stopped by SIGTERM or Ctrl-C",
            "1:could not start: an address is taken, another manager has the folder",
            "2:the command line or the configuration is wrong"
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  sluice manager                                 one machine, nothing to configure",
            "  sluice manager --config conf/manager.yaml      as the file says",
            "  sluice manager --config manager.yaml --check   is this file right?"
        })
final class ManagerCommand implements Callable<Integer> {

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "The configuration file. Default: none, one manager for this machine.")
    private @Nullable Path file;

    @Option(names = "--check", description = "Read the file, say what is wrong with it, and start nothing.")
    private boolean checkOnly;

    @Override
    public Integer call() throws InterruptedException {
        ManagerConfig config = config(System.getenv());
        Logger log = LoggerFactory.getLogger(ManagerCommand.class); // not static: logging starts with the first logger
        config.warnings().forEach(warning -> log.warn("{}", warning));
        if (checkOnly) {
            return ExitCode.OK;
        }
        ServiceManager services =
                new ServiceManager(System.getenv(), ProcessHandle.current().pid());
        ClusterManager manager = start(config);
        log.info(
                "The cluster manager is ready: version={} pid={} cluster={} manager={} api={} config={}",
                BuildInfo.version(),
                ProcessHandle.current().pid(),
                config.cluster(),
                manager.id(),
                manager.url(),
                file == null ? "none" : file);
        services.ready();
        Termination.await(() -> {
            services.stopping();
            manager.close();
        });
        return ExitCode.OK;
    }

    private ManagerConfig config(Map<String, String> environment) {
        ManagerConfig config = file == null ? ManagerConfig.DEFAULT : read(file);
        return config.dataDir() == null && config.zooKeeper() == null
                ? config.withDataDir(StateFolder.of(environment).resolve("manager-" + config.cluster()))
                : config;
    }

    private static ManagerConfig read(Path file) {
        if (file.toString().isEmpty()) {
            throw CommandException.badInput("--config: expected a file, got an empty name");
        }
        if (!Files.exists(file)) {
            throw CommandException.badInput(file + ": no such file");
        }
        try {
            return ManagerConfig.read(file);
        } catch (ConfigException e) {
            throw CommandException.badInput(String.valueOf(e.getMessage()));
        }
    }

    private static ClusterManager start(ManagerConfig config) throws InterruptedException {
        try {
            return ClusterManager.start(config, List.of(new FailoverTask(config.failover(), InstantSource.system())));
        } catch (ManagerStartException e) {
            throw CommandException.failed("sluice manager: " + e.getMessage());
        }
    }
}
