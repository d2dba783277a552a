package io.sluice.launcher;

import io.sluice.proxy.Handover;
import io.sluice.proxy.Proxy;
import io.sluice.proxy.ProxyStartException;
import io.sluice.proxy.Reloader;
import io.sluice.proxy.TakeOver;
import io.sluice.proxy.config.ProxyConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sluice proxy}: runs the proxy until a signal ends it. */
@Command(
        name = "proxy",
        mixinStandardHelpOptions = true,
        versionProvider = VersionText.class,
        header = "Run the proxy.",
        description = {
            "",
            "Takes Sluice's own format or twemproxy's nutcracker.yml, unchanged.",
            "The log goes to stderr. SIGTERM and Ctrl-C drain: no new clients, what is in",
            "flight is answered, for at most shutdown_timeout.",
            "A changed file is taken up while running, within seconds or on SIGHUP.",
            "Metrics, health and topology are at http://127.0.0.1:9600.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:stopped by SIGTERM or Ctrl-C after draining",
            "1:could not start, for instance because an address is taken",
            "2:the command line or the configuration is wrong"
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  sluice proxy --config /etc/nutcracker.yml",
            "  sluice proxy --config conf/sluice.yaml --take-over",
            "  SLUICE_LOG=DEBUG sluice proxy --config conf/sluice.yaml"
        })
final class ProxyCommand implements Callable<Integer> {

    /** How long an event loop may take before the service manager is not told any more that we live. */
    private static final Duration LOOP_LIMIT = Duration.ofSeconds(5);

    @Option(
            names = {"-c", "--config"},
            required = true,
            paramLabel = "FILE",
            description = "The configuration file.")
    private Path file;

    @Mixin
    private MonitoringOptions monitoring;

    @Option(
            names = "--take-over",
            description = "Take the place of the running proxy of this configuration: its addresses"
                    + " and its clients come over, none is closed, and it ends.")
    private boolean takeOver;

    private volatile boolean handedOver;

    @Override
    public Integer call() throws InterruptedException {
        ProxyConfig config = monitoring.applyTo(ConfigFiles.read(file));
        Logger log = LoggerFactory.getLogger(ProxyCommand.class); // not static: logging starts with the first logger
        config.warnings().forEach(warning -> log.warn("{}", warning));
        Optional<Path> control = ControlPath.of(config, System.getenv());
        ServiceManager services = new ServiceManager(System.getenv(), pid());
        Proxy proxy = start(config, takeOver ? runningAt(control.orElseThrow(ProxyCommand::withoutControl)) : null);
        Reloader reloader = Reloader.start(proxy, file, monitoring::applyTo);
        Hangup.handle(() -> {
            services.reloading();
            try {
                reloader.reload("SIGHUP");
            } finally { // whatever became of it, it is over
                services.ready();
            }
        });
        control.ifPresent(path -> listenForSuccessor(proxy, path, log));
        log.info("Sluice is ready: version={} pid={} config={}", BuildInfo.version(), pid(), file);
        if (takeOver) {
            services.readyInstead();
        } else {
            services.ready();
        }
        services.watch(() -> proxy.answersWithin(LOOP_LIMIT));
        Termination.await(() -> {
            if (!handedOver) { // else another process is the service now
                services.stopping();
            }
            proxy.drainAndStop();
        });
        return ExitCode.OK;
    }

    private static CommandException withoutControl() {
        return CommandException.failed(
                "sluice proxy: --take-over: there is no control socket; choose a path for the key 'control'");
    }

    private static TakeOver runningAt(Path path) {
        try {
            return TakeOver.ask(path);
        } catch (ProxyStartException e) {
            throw CommandException.failed(
                    "sluice proxy: " + e.getMessage() + "; if no proxy runs, start without --take-over");
        }
    }

    private static Proxy start(ProxyConfig config, @Nullable TakeOver from) {
        try {
            return Proxy.start(config, from);
        } catch (ProxyStartException e) {
            throw CommandException.failed("sluice proxy: " + e.getMessage());
        }
    }

    /** Without it the proxy serves all the same, and cannot be taken over from. */
    private void listenForSuccessor(Proxy proxy, Path path, Logger log) {
        try {
            Handover handover = Handover.listen(proxy, path, () -> {
                handedOver = true;
                new Thread(() -> System.exit(ExitCode.OK), "exit").start();
            });
            Runtime.getRuntime().addShutdownHook(new Thread(handover::close, "sluice-control"));
        } catch (IOException | RuntimeException e) {
            log.warn("No control socket, another process cannot take over: path={} error={}", path, e.getMessage());
        }
    }

    private static long pid() {
        return ProcessHandle.current().pid();
    }
}
