package io.sluice.launcher;

import ch.qos.logback.classic.LoggerContext;
import java.util.concurrent.CountDownLatch;
import org.slf4j.LoggerFactory;

/**
 * How a long-running command ends.
 *
 * <pre>
 *   SIGTERM or SIGINT ──▶ JVM runs the hook ──▶ stop ──▶ flush the log ──▶ halt(0)
 * </pre>
 *
 * A JVM that a signal ends exits with 128 + signal however well its hooks went, and a supervisor reads 143 as a failure.
 * So the hook itself ends the process. That is right here because nothing else calls {@code System.exit} once the hook
 * is in place: if it runs, a signal came.
 */
final class Termination {

    private Termination() {}

    /** Waits for a signal, runs {@code stop} and ends the process with 0, or with 1 if {@code stop} throws. */
    static void await(Runnable stop) throws InterruptedException {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stopAndHalt(stop), "sluice-stop"));
        new CountDownLatch(1).await();
    }

    private static void stopAndHalt(Runnable stop) {
        int exitCode = ExitCode.OK;
        try {
            stop.run();
        } catch (RuntimeException | Error e) {
            LoggerFactory.getLogger(Termination.class).error("Stopping failed", e);
            exitCode = ExitCode.FAILED;
        } finally {
            flushLog();
            Runtime.getRuntime().halt(exitCode);
        }
    }

    private static void flushLog() {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext logback) {
            logback.stop();
        }
    }
}
