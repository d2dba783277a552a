package io.sluice.launcher;

import io.sluice.proxy.Proxy;
import io.sluice.proxy.ProxyStartException;
import io.sluice.proxy.Reloader;
import io.sluice.proxy.config.ProxyConfig;
import java.nio.file.Path;
import java.util.concurrent.Callable;
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
            "  SLUICE_LOG=DEBUG sluice proxy --config conf/sluice.yaml"
        })
final class ProxyCommand implements Callable<Integer> {

    @Option(
            names = {"-c", "--config"},
            required = true,
            paramLabel = "FILE",
            description = "The configuration file.")
    private Path file;

    @Mixin
    private MonitoringOptions monitoring;

    @Override
    public Integer call() throws InterruptedException {
        ProxyConfig config = monitoring.applyTo(ConfigFiles.read(file));
        Logger log = LoggerFactory.getLogger(ProxyCommand.class); // not static: logging starts with the first logger
        config.warnings().forEach(warning -> log.warn("{}", warning));
        Proxy proxy = start(config);
        log.info("Sluice is ready: version={} pid={} config={}", BuildInfo.version(), pid(), file);
        Reloader reloader = Reloader.start(proxy, file, monitoring::applyTo);
        Hangup.handle(() -> reloader.reload("SIGHUP"));
        Termination.await(proxy::drainAndStop);
        return ExitCode.OK;
    }

    private static Proxy start(ProxyConfig config) {
        try {
            return Proxy.start(config);
        } catch (ProxyStartException e) {
            throw CommandException.failed("sluice proxy: " + e.getMessage());
        }
    }

    private static long pid() {
        return ProcessHandle.current().pid();
    }
}
