package io.sluice.launcher.ctl;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** All freezes of the managers in this process that are over, as their logs tell. Thread-safe. */
final class Freezes implements AutoCloseable {

    private static final Pattern ENDED =
            Pattern.compile("^(Switched|Freeze given up): handoff=\\S+.*?freeze_ms=(\\d+)(.*)");

    /**
     * One freeze.
     *
     * @param millis for how long clients had to wait
     * @param parts what it was made of, or why it was given up
     */
    record Freeze(boolean switched, long millis, String parts) {

        @Override
        public String toString() {
            return millis + " ms (" + (switched ? "" : "given up") + parts.strip() + ")";
        }
    }

    private final Logger logger = (Logger) LoggerFactory.getLogger("io.sluice.manager.migration.HandoffDrive");
    private final @Nullable Level before = logger.getLevel();
    private final List<Freeze> ended = new ArrayList<>();
    private final AppenderBase<ILoggingEvent> ear = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            heard(event.getFormattedMessage());
        }
    };

    Freezes() {
        ear.setContext(logger.getLoggerContext());
        ear.start();
        logger.addAppender(ear);
        logger.setLevel(Level.INFO);
    }

    private synchronized void heard(String line) {
        Matcher end = ENDED.matcher(line);
        if (end.find()) {
            ended.add(new Freeze(end.group(1).equals("Switched"), Long.parseLong(end.group(2)), end.group(3)));
        }
    }

    synchronized List<Freeze> ended() {
        return List.copyOf(ended);
    }

    @Override
    public void close() {
        logger.detachAppender(ear);
        logger.setLevel(before);
    }
}
