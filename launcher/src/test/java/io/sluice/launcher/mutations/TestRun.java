package io.sluice.launcher.mutations;

import java.lang.reflect.Method;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestExecutionResult.Status;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * What became of some tests, run by a launcher of their own in this JVM.
 *
 * @param green how many succeeded
 * @param skipped how many could not be run here
 * @param red those that failed
 * @param took all of them
 */
record TestRun(int green, int skipped, List<Failed> red, Duration took) {

    /** A test that waits for ever fails after so long. */
    private static final String LIMIT = "120 s";

    /** A test that failed, and why. */
    record Failed(String test, Throwable cause) {

        /** Whether the changed class was at fault, not what it does. */
        boolean isOfTheMutation() {
            for (Throwable each = cause; each != null; each = each.getCause()) {
                if (each instanceof LinkageError) {
                    return true;
                }
            }
            return false;
        }

        @Override
        public String toString() {
            return test + ": "
                    + String.valueOf(cause.getMessage())
                            .strip()
                            .replaceAll("\\s+", " ")
                            .transform(Failed::start);
        }

        private static String start(String text) {
            return text.length() <= 200 ? text : text.substring(0, 200) + " ...";
        }
    }

    static TestRun of(List<Method> tests) {
        List<DiscoverySelector> selectors = new ArrayList<>();
        tests.forEach(test -> selectors.add(DiscoverySelectors.selectMethod(test.getDeclaringClass(), test)));
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(selectors)
                .configurationParameter("junit.jupiter.execution.timeout.testable.method.default", LIMIT)
                .configurationParameter("junit.jupiter.execution.timeout.thread.mode.default", "SEPARATE_THREAD")
                .build();
        LauncherConfig alone = LauncherConfig.builder()
                .enableLauncherSessionListenerAutoRegistration(false)
                .enableTestExecutionListenerAutoRegistration(false)
                .build();
        Tally tally = new Tally();
        long begin = System.nanoTime();
        LauncherFactory.create(alone).execute(request, tally);
        return new TestRun(
                tally.green, tally.skipped, List.copyOf(tally.red), Duration.ofNanos(System.nanoTime() - begin));
    }

    private static final class Tally implements TestExecutionListener {

        private int green;
        private int skipped;
        private final List<Failed> red = new ArrayList<>();

        @Override
        public void executionSkipped(TestIdentifier identifier, String reason) {
            skipped++;
        }

        @Override
        public void executionFinished(TestIdentifier identifier, TestExecutionResult result) {
            if (result.getStatus() == Status.ABORTED) {
                skipped++;
            } else if (result.getStatus() == Status.FAILED) {
                red.add(new Failed(
                        identifier.getDisplayName(),
                        result.getThrowable().orElseGet(() -> new AssertionError("without a reason"))));
            } else if (identifier.isTest()) {
                green++;
            }
        }
    }
}
