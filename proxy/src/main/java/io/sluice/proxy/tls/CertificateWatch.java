package io.sluice.proxy.tls;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks every now and then whether files of certificates have changed, on a thread of its own. Thread-safe. */
public final class CertificateWatch implements AutoCloseable {

    /** Between two looks. A change is used when it has been seen by two of them. */
    public static final Duration PERIOD = Duration.ofSeconds(1);

    private static final Logger log = LoggerFactory.getLogger(CertificateWatch.class);

    private final CopyOnWriteArrayList<Reloading<?>> watched = new CopyOnWriteArrayList<>();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "certificates");
        thread.setDaemon(true);
        return thread;
    });

    /** Looks at nothing yet. */
    public CertificateWatch() {
        thread.scheduleWithFixedDelay(this::checkAll, PERIOD.toNanos(), PERIOD.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Looks at it from now on, if that is not done yet. */
    public void watch(Reloading<?> certificates) {
        watched.addIfAbsent(certificates);
    }

    /** Looks no more at what was watched. */
    public void forget(Reloading<?> certificates) {
        watched.remove(certificates);
    }

    /** All that is watched, for the metrics. */
    public List<Reloading<?>> watched() {
        return List.copyOf(watched);
    }

    private void checkAll() {
        for (Reloading<?> certificates : watched) {
            try {
                certificates.check();
            } catch (RuntimeException e) { // else nothing would ever be looked at again
                log.error("Certificates could not be checked: pool={}", certificates.pool(), e);
            }
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
