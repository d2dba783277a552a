package io.sluice.proxy;

import io.sluice.proxy.admin.ConfigStatus.Reload;
import io.sluice.proxy.config.ConfigPlan;
import io.sluice.proxy.config.ProxyConfig;
import io.sluice.routing.config.ConfigException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Offers its configuration file to a running proxy again: when it is told to, and when the file has changed. May be used
 * from any thread.
 */
public final class Reloader implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Reloader.class);

    /** How often the file is looked at. A change is taken up when two looks in a row see the same. */
    public static final Duration PERIOD = Duration.ofSeconds(2);

    private final Proxy proxy;
    private final Path file;
    private final UnaryOperator<ProxyConfig> options;
    private final FileWatch watch;

    private Reloader(Proxy proxy, Path file, UnaryOperator<ProxyConfig> options, Duration period) {
        this.proxy = proxy;
        this.file = file;
        this.options = options;
        this.watch = new FileWatch(file, period, this::onChange);
    }

    /**
     * Watches the file from now on.
     *
     * @param options what the command line says beyond the file
     */
    public static Reloader start(Proxy proxy, Path file, UnaryOperator<ProxyConfig> options) {
        return start(proxy, file, options, PERIOD);
    }

    /**
     * Watches the file from now on.
     *
     * @param options what the command line says beyond the file
     * @param period how often the file is looked at
     */
    public static Reloader start(Proxy proxy, Path file, UnaryOperator<ProxyConfig> options, Duration period) {
        Reloader reloader = new Reloader(proxy, file, options, period);
        reloader.watch.start();
        reloader.noteChangeSinceStart();
        proxy.reloadOnRequest(reloader::reload);
        return reloader;
    }

    /** The proxy has read the file some time ago; a take-over may have lain in between. */
    private void noteChangeSinceStart() {
        try {
            ProxyConfig now = options.apply(ProxyConfig.read(file));
            if (ConfigPlan.between(proxy.config(), now).isEmpty()) {
                return;
            }
        } catch (ConfigException e) {
            log.debug("Not the file any more that the proxy was started with: file={}", file, e);
        }
        watch.doubt();
    }

    private void onChange() {
        if (proxy.config().lifecycle().reloadOnChange()) {
            reload("file change");
        }
    }

    /**
     * Reads the file and does what it says. Blocks until the event loops follow.
     *
     * @param trigger who asks for it, for people
     * @return what became of it, which is also logged, counted and shown
     */
    public Reload reload(String trigger) {
        log.info("Reading the configuration again: file={} trigger={}", file, trigger);
        watch.seen();
        return proxy.reload(trigger, () -> options.apply(ProxyConfig.read(file)));
    }

    @Override
    public void close() {
        watch.close();
    }
}
