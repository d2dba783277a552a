package io.sluice.bench.report;

import java.util.List;

/** The little arithmetic that the reports need. */
public final class Statistics {

    private Statistics() {}

    /** The middle value, or the mean of the two in the middle. */
    public static double median(List<Double> values) {
        if (values.isEmpty()) {
            throw new IllegalArgumentException("No values");
        }
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    /** The slope of the straight line that fits best through {@code (x, y)}. */
    public static double slope(List<Double> x, List<Double> y) {
        double meanX = mean(x);
        double meanY = mean(y);
        double products = 0;
        double squares = 0;
        for (int i = 0; i < x.size(); i++) {
            products += (x.get(i) - meanX) * (y.get(i) - meanY);
            squares += (x.get(i) - meanX) * (x.get(i) - meanX);
        }
        return squares == 0 ? 0 : products / squares;
    }

    public static double mean(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    }
}
