package io.sluice.bench.load;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * How long requests took: for some durations, how many took at most that long. Between two of them a straight line is
 * assumed.
 *
 * @param points by rising duration; their counts rise too
 */
public record Latencies(List<Point> points) {

    /** {@code count} requests took {@code millis} or less. */
    public record Point(double millis, long count) {}

    public Latencies {
        points = points.stream()
                .sorted(Comparator.comparingDouble(Point::millis).thenComparingLong(Point::count))
                .toList();
    }

    public long count() {
        return points.isEmpty() ? 0 : points.get(points.size() - 1).count();
    }

    /** Both sets of requests as one. */
    public Latencies with(Latencies other) {
        List<Point> both = new ArrayList<>();
        for (Point point : points) {
            both.add(new Point(point.millis(), Math.round(point.count() + other.countAt(point.millis()))));
        }
        for (Point point : other.points) {
            both.add(new Point(point.millis(), Math.round(point.count() + countAt(point.millis()))));
        }
        return new Latencies(both);
    }

    private double countAt(double millis) {
        Point before = new Point(0, 0);
        for (Point point : points) {
            if (point.millis() > millis) {
                return between(
                        before.millis(), (double) before.count(), point.millis(), (double) point.count(), millis);
            }
            before = point;
        }
        return count();
    }

    /** The duration that the share {@code quantile} (0 to 1) of all requests kept. */
    public double millis(double quantile) {
        double wanted = quantile * count();
        Point before = new Point(0, 0);
        for (Point point : points) {
            if (point.count() >= wanted) {
                return between(
                        (double) before.count(), before.millis(), (double) point.count(), point.millis(), wanted);
            }
            before = point;
        }
        return before.millis();
    }

    private static double between(double x0, double y0, double x1, double y1, double x) {
        return x1 == x0 ? y1 : y0 + (y1 - y0) * (x - x0) / (x1 - x0);
    }
}
