package io.sluice.launcher;

import io.sluice.proxy.config.Monitoring;
import io.sluice.proxy.config.Monitoring.Endpoint;
import io.sluice.proxy.config.ProxyConfig;
import io.sluice.routing.config.AddressText;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** Where people and collectors look inside, as the command line says it; the last three as nutcracker's options. */
final class MonitoringOptions {

    private static final int MAX_INTERVAL_MILLIS = Integer.MAX_VALUE;

    @Spec(Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--admin",
            paramLabel = "ADDRESS",
            description = "Metrics, health, topology over HTTP: HOST:PORT, auto"
                    + " (127.0.0.1:9600 if it is free) or none. Default: what the file says, or auto.")
    private @Nullable String admin;

    @Option(
            names = {"-s", "--stats-port"},
            paramLabel = "PORT",
            description = "Where twemproxy's statistics can be read as JSON, or none."
                    + " Default: what Sluice's file says; for twemproxy's, 22222 if it is free.")
    private @Nullable String statsPort;

    @Option(
            names = {"-a", "--stats-addr"},
            paramLabel = "HOST",
            description = "The same, which address. Default: 0.0.0.0, as nutcracker's.")
    private @Nullable String statsHost;

    @Option(
            names = {"-i", "--stats-interval"},
            paramLabel = "MSEC",
            description = "Read for nutcracker's sake: the statistics are always those of this moment.")
    private @Nullable String statsInterval;

    ProxyConfig applyTo(ProxyConfig config) {
        checkInterval();
        Monitoring monitoring = config.monitoring();
        return config.withMonitoring(stats(admin == null ? monitoring : monitoring.withAdmin(endpoint(admin))));
    }

    private Endpoint endpoint(String text) {
        return Monitoring.parseAdmin(text).orElseThrow(() -> wrong("--admin", "HOST:PORT, auto or none", text));
    }

    private Monitoring stats(Monitoring monitoring) {
        if ("none".equals(statsPort)) {
            return monitoring.withStats(Endpoint.NONE);
        }
        return statsPort == null && statsHost == null
                ? monitoring
                : monitoring.withStatsAt(statsHost, statsPort == null ? null : port(statsPort));
    }

    private int port(String text) {
        int port = number(text);
        if (port < 1 || port > AddressText.MAX_PORT) {
            throw wrong("--stats-port", "a number from 1 to " + AddressText.MAX_PORT + ", or none", text);
        }
        return port;
    }

    private void checkInterval() {
        if (statsInterval != null && number(statsInterval) < 0) {
            throw wrong("--stats-interval", "a number from 0 to " + MAX_INTERVAL_MILLIS, statsInterval);
        }
    }

    /** Or -1. */
    private static int number(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    private ParameterException wrong(String option, String expected, String found) {
        return new ParameterException(spec.commandLine(), option + ": expected " + expected + ", got " + found);
    }
}
