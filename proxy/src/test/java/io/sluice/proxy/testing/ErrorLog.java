package io.sluice.proxy.testing;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.LoggerFactory;

/** Listens for what the proxy says only when it has a bug: lines at ERROR. */
public final class ErrorLog implements AutoCloseable {

    private final Queue<String> errors = new ConcurrentLinkedQueue<>();
    private final Appender appender = new Appender();
    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);

    private ErrorLog() {
        appender.setContext(root.getLoggerContext());
        appender.start();
        root.addAppender(appender);
    }

    public static ErrorLog listen() {
        return new ErrorLog();
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
