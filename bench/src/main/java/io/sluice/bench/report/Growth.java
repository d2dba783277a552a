package io.sluice.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Whether a process' memory grows. A JVM fills its heap and compiles for a while, so the first third does not count;
 * of the rest, the slope of the best line must stay below {@value #LIMIT_PERCENT_PER_HOUR} percent an hour, or the
 * whole rise below {@value #NOISE_MEGABYTES} MB, which the collector alone moves it by.
 */
public final class Growth {

    private static final int WARM_UP_SHARE = 3;
    private static final double LIMIT_PERCENT_PER_HOUR = 5;
    private static final double NOISE_MEGABYTES = 4;
    private static final int FEWEST_SAMPLES = 6;

    private final List<Double> minutes = new ArrayList<>();
    private final List<Double> megabytes = new ArrayList<>();

    public void add(double minute, double rssMegabytes) {
        minutes.add(minute);
        megabytes.add(rssMegabytes);
    }

    private List<Double> warm(List<Double> values) {
        return values.subList(values.size() / WARM_UP_SHARE, values.size());
    }

    double megabytesPerHour() {
        return Statistics.slope(warm(minutes), warm(megabytes)) * 60;
    }

    private boolean isTooShort() {
        return minutes.size() < FEWEST_SAMPLES;
    }

    /** Too short a run proves nothing, and does not count as growing. */
    public boolean grows() {
        if (isTooShort()) {
            return false;
        }
        List<Double> time = warm(minutes);
        double rise = megabytesPerHour() / 60 * (time.get(time.size() - 1) - time.get(0));
        double percentPerHour = 100 * megabytesPerHour() / Statistics.mean(warm(megabytes));
        return rise > NOISE_MEGABYTES && percentPerHour > LIMIT_PERCENT_PER_HOUR;
    }

    public String verdict() {
        if (isTooShort()) {
            return "too short to tell: " + minutes.size() + " samples";
        }
        List<Double> counted = warm(megabytes);
        return String.format(
                Locale.ROOT,
                "%s; after the first third: first %.1f MB, last %.1f MB, mean %.1f MB, slope %+.2f MB per hour",
                grows() ? "GROWS" : "does not grow",
                counted.get(0),
                counted.get(counted.size() - 1),
                Statistics.mean(counted),
                megabytesPerHour());
    }
}
