package io.sluice.launcher;

import io.sluice.launcher.training.TrainingRun;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;

/** {@code sluice training-run}: what the script runs to make the class archive. Of no use to people, so not shown. */
@Command(
        name = "training-run",
        hidden = true,
        mixinStandardHelpOptions = true,
        versionProvider = VersionText.class,
        header = "Start a proxy, use it and stop it, so that the JVM learns what a start needs.")
final class TrainingCommand implements Callable<Integer> {

    /** Far above what it takes. Somebody may be waiting for the real proxy. */
    private static final int LIMIT_SECONDS = 30;

    @Override
    public Integer call() throws InterruptedException {
        FutureTask<Integer> training = new FutureTask<>(() -> {
            TrainingRun.run();
            return ExitCode.OK;
        });
        Thread thread = new Thread(training, "training");
        thread.setDaemon(true);
        thread.start();
        try {
            return training.get(LIMIT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw CommandException.failed("sluice training-run: " + e.getCause());
        } catch (TimeoutException e) {
            throw CommandException.failed("sluice training-run: not done after " + LIMIT_SECONDS + " s");
        }
    }
}
