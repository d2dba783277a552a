package io.sluice.bench.load;

import io.sluice.bench.proxies.BenchException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads what redis-benchmark 6.2 and newer print for people, which alone has more percentiles than p99.
 *
 * <pre>
 *   ====== SET ======
 *     20000 requests completed in 0.51 seconds
 *   50.000% &lt;= 0.575 milliseconds (cumulative count 10068)
 *     throughput summary: 38910.51 requests per second
 * </pre>
 */
final class RedisBenchmarkReport {

    private static final Pattern TEST = Pattern.compile("(?m)^====== .* ======\\s*$");
    private static final Pattern REQUESTS = Pattern.compile("(\\d+) requests completed in ");
    private static final Pattern THROUGHPUT = Pattern.compile("throughput summary: ([0-9.]+) requests per second");
    private static final Pattern POINT =
            Pattern.compile("(?m)^[0-9.]+% <= ([0-9.]+) milliseconds \\(cumulative count (\\d+)\\)");

    private RedisBenchmarkReport() {}

    /** All tests of one run as one load. */
    static Load parse(String output) {
        String[] tests = TEST.split(output.replace('\r', '\n'), -1);
        if (tests.length < 2) {
            throw new BenchException("not a report of redis-benchmark 6.2 or newer: " + lastLine(output));
        }
        Load load = test(tests[1]);
        for (int i = 2; i < tests.length; i++) {
            load = load.then(test(tests[i]));
        }
        return load;
    }

    private static Load test(String text) {
        long requests = Long.parseLong(find(REQUESTS, text));
        double perSecond = Double.parseDouble(find(THROUGHPUT, text));
        List<Latencies.Point> points = new ArrayList<>();
        Matcher point = POINT.matcher(text);
        while (point.find()) {
            points.add(new Latencies.Point(Double.parseDouble(point.group(1)), Long.parseLong(point.group(2))));
        }
        return new Load(requests, requests / perSecond, new Latencies(points));
    }

    private static String find(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        if (!matcher.find()) {
            throw new BenchException("no '" + pattern + "' in the report of redis-benchmark");
        }
        return matcher.group(1);
    }

    static String lastLine(String output) {
        return output.replace('\r', '\n')
                .lines()
                .filter(line -> !line.isBlank())
                .reduce((earlier, later) -> later)
                .orElse("it said nothing");
    }
}
