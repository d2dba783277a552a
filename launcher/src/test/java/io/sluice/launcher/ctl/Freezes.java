package io.sluice.launcher.ctl;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** All freezes of the managers in this process, and what they were made of, as their logs tell. Thread-safe. */
final class Freezes implements AutoCloseable {

    private static final Pattern FROZEN = Pattern.compile("^Frozen: handoff=(\\S+)");
    private static final Pattern DRAINED = Pattern.compile("^Drained: handoff=(\\S+) drain_ms=(\\d+) sample_ms=(\\d+)");
    private static final Pattern GATE = Pattern.compile("^Gate closed: handoff=(\\S+) gate_ms=(\\d+)");
    private static final Pattern ENDED =
            Pattern.compile("^(Switched|Freeze given up|Freeze ended): handoff=(\\S+).*?(?:freeze_ms=(\\d+)|attempt=)");

    /** One freeze; milliseconds. What the parts leave is the acknowledgements of the proxies, and ZooKeeper. */
    record Freeze(String handoff, boolean switched, long whole, long acks, long drain, long sample, long gate) {

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%d ms (acks %d, drain %d, sample %d, gate %d)%s",
                    whole,
                    acks,
                    drain,
                    sample,
                    gate,
                    switched ? "" : ", given up");
        }
    }

    /** What is known of one that lasts. */
    private static final class Open {
        private final long since;
        private long acks;
        private long drain;
        private long sample;
        private long gate;

        Open(long since) {
            this.since = since;
        }
    }

    private final Logger logger = (Logger) LoggerFactory.getLogger("io.sluice.manager.migration");
    private final @Nullable Level before = logger.getLevel();
    private final Map<String, Open> open = new LinkedHashMap<>();
    private final List<Freeze> ended = new ArrayList<>();
    private final AppenderBase<ILoggingEvent> ear = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            heard(event.getFormattedMessage(), event.getTimeStamp());
        }
    };

    Freezes() {
        ear.setContext(logger.getLoggerContext());
        ear.start();
        logger.addAppender(ear);
        logger.setLevel(Level.INFO);
    }

    private synchronized void heard(String line, long millis) {
        Matcher frozen = FROZEN.matcher(line);
        if (frozen.find()) {
            open.put(frozen.group(1), new Open(millis));
        }
        Matcher drained = DRAINED.matcher(line);
        @Nullable Open freeze = drained.find() ? open.get(drained.group(1)) : null;
        if (freeze != null) {
            freeze.drain = Long.parseLong(drained.group(2));
            freeze.sample = Long.parseLong(drained.group(3));
            freeze.acks = millis - freeze.since - freeze.drain - freeze.sample;
        }
        Matcher gate = GATE.matcher(line);
        @Nullable Open gated = gate.find() ? open.get(gate.group(1)) : null;
        if (gated != null) {
            gated.gate = Long.parseLong(gate.group(2));
        }
        end(ENDED.matcher(line), millis);
    }

    private void end(Matcher line, long millis) {
        @Nullable Open freeze = line.find() ? open.remove(line.group(2)) : null;
        if (freeze != null) {
            long whole = line.group(3) == null ? millis - freeze.since : Long.parseLong(line.group(3));
            ended.add(new Freeze(
                    line.group(2),
                    line.group(1).equals("Switched"),
                    whole,
                    freeze.acks,
                    freeze.drain,
                    freeze.sample,
                    freeze.gate));
        }
    }

    /** Those that are over. */
    synchronized List<Freeze> ended() {
        return List.copyOf(ended);
    }

    @Override
    public void close() {
        logger.detachAppender(ear);
        logger.setLevel(before);
    }
}
