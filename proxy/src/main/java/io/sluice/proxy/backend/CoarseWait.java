package io.sluice.proxy.backend;

import java.time.Duration;

/** A time to come, rounded up to one of a few, so that errors that mean the same read the same. */
final class CoarseWait {

    private static final int[] SECONDS = {1, 2, 5, 10, 30, 60, 120, 300};

    private CoarseWait() {}

    static String text(Duration wait) {
        for (int seconds : SECONDS) {
            if (wait.compareTo(Duration.ofSeconds(seconds)) <= 0) {
                return seconds + "s";
            }
        }
        return "over_" + SECONDS[SECONDS.length - 1] + "s";
    }
}
