package io.sluice.proxy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices that the content of a file has changed, once it has stopped changing. Looks now and then, since notifications
 * do not come from every file system, nor through every kind of link.
 *
 * <pre>
 *   look   A   A   B   B'  B'             A, B: time, size and identity of the file
 *                          └ content read, compared: the task runs if it is another
 * </pre>
 */
final class FileWatch implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(FileWatch.class);
    private static final String MISSING = "missing";

    private final Path file;
    private final Duration period;
    private final Runnable onChange;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread watcher = new Thread(task, "config-watch");
        watcher.setDaemon(true);
        return watcher;
    });
    private String lastLook = "";
    private String settled = "";
    private byte @Nullable [] content;

    FileWatch(Path file, Duration period, Runnable onChange) {
        this.file = file;
        this.period = period;
        this.onChange = onChange;
    }

    void start() {
        seen();
        thread.scheduleWithFixedDelay(this::look, period.toMillis(), period.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Somebody is about to read the file: what it says now is no news. */
    synchronized void seen() {
        lastLook = fingerprint();
        settled = lastLook;
        content = read();
    }

    /** What it says now may be news: somebody has read it, and it may have changed since. */
    synchronized void doubt() {
        settled = "";
        content = null;
    }

    private void look() {
        try {
            if (isNews()) {
                onChange.run();
            }
        } catch (RuntimeException | Error e) { // a task that throws would not be run again
            log.error("The configuration file could not be looked at: file={}", file, e);
        }
    }

    private synchronized boolean isNews() {
        String now = fingerprint();
        boolean isStill = now.equals(lastLook);
        lastLook = now;
        if (!isStill || now.equals(settled)) {
            return false;
        }
        settled = now;
        if (now.equals(MISSING)) { // an editor may be about to put it back
            return false;
        }
        byte[] read = read();
        if (Arrays.equals(read, content)) {
            return false;
        }
        content = read;
        return true;
    }

    private String fingerprint() {
        try {
            BasicFileAttributes is = Files.readAttributes(file, BasicFileAttributes.class);
            return is.lastModifiedTime() + " " + is.size() + " " + is.fileKey();
        } catch (IOException e) {
            return MISSING;
        }
    }

    private byte @Nullable [] read() {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            return null;
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
