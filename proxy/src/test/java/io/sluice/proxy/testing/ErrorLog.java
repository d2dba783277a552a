package io.sluice.proxy.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.netty.buffer.PooledByteBufAllocator;
import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** Listens for what the proxy says only when it has a bug: lines at ERROR. */
public final class ErrorLog implements AutoCloseable {

    private static @Nullable Class<?> user;

    private final Queue<String> errors = new ConcurrentLinkedQueue<>();
    private final Appender appender = new Appender();
    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);

    private ErrorLog() {
        appender.setContext(root.getLoggerContext());
        appender.start();
        root.addAppender(appender);
    }

    /**
     * From now on. What tests of other classes have lost is told in the log before, and not held against this one: the JVM
     * is theirs, too, and a loop that is shut down may leave behind what the kernel was still reading into.
     */
    public static synchronized ErrorLog listen(Class<?> test) {
        if (user != test) {
            user = test;
            tellLossesUntilNow();
        }
        return new ErrorLog();
    }

    private static void tellLossesUntilNow() {
        ReferenceQueue<Object> collected = new ReferenceQueue<>();
        PhantomReference<Object> lost = new PhantomReference<>(new Object(), collected);
        try {
            await().atMost(Duration.ofSeconds(30))
                    .pollInterval(Duration.ofMillis(10))
                    .until(() -> {
                        System.gc();
                        return collected.poll() != null;
                    });
        } finally {
            Reference.reachabilityFence(lost);
        }
        PooledByteBufAllocator.DEFAULT.directBuffer(1).release(); // the detector tells when something is allocated
    }

    public void assertEmpty() {
        assertThat(errors).as("what was logged at ERROR").isEmpty();
    }

    @Override
    public void close() {
        root.detachAppender(appender);
    }

    private final class Appender extends AppenderBase<ILoggingEvent> {
        @Override
        protected void append(ILoggingEvent event) {
            if (event.getLevel().isGreaterOrEqual(Level.ERROR)) {
                String cause = event.getThrowableProxy() == null
                        ? ""
                        : " " + event.getThrowableProxy().getClassName() + " "
                                + event.getThrowableProxy().getMessage();
                errors.add(event.getLoggerName() + ": " + event.getFormattedMessage() + cause);
            }
        }
    }
}
