package io.sluice.proxy.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A strict reader of Prometheus' text format 0.0.4. It shares nothing with what writes it, and checks what {@code promtool
 * check metrics} does: every line parses, every family has HELP and TYPE before its samples, names and units are as is the
 * custom, no sample comes twice.
 */
public final class PrometheusText {

    private static final Pattern HELP = Pattern.compile("# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (\\S.*)");
    private static final Pattern TYPE =
            Pattern.compile("# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram|summary)");
    private static final Pattern SAMPLE =
            Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)})? (NaN|[+-]Inf|-?[0-9][0-9.]*(?:E-?[0-9]+)?)");
    private static final Pattern LABEL =
            Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\\\n]|\\\\[\\\\\"n])*)\"(,|$)");
    private static final Set<String> UNITS_NOT_OF_THE_BASE =
            Set.of("milliseconds", "millis", "ms", "microseconds", "minutes", "kb", "mb", "kilobytes", "percent");

    private final Map<String, String> helps = new HashMap<>();
    private final Map<String, String> types = new LinkedHashMap<>();
    private final Map<String, Double> samples = new LinkedHashMap<>();

    private PrometheusText() {}

    /** Fails with the line at fault. */
    public static PrometheusText parse(String text) {
        assertThat(text).endsWith("\n");
        PrometheusText parsed = new PrometheusText();
        text.lines().forEach(parsed::line);
        assertThat(parsed.helps.keySet()).isEqualTo(parsed.types.keySet());
        parsed.checkHistograms();
        return parsed;
    }

    private void line(String line) {
        Matcher help = HELP.matcher(line);
        Matcher type = TYPE.matcher(line);
        if (help.matches()) {
            assertThat(helps.put(help.group(1), help.group(2))).as(line).isNull();
        } else if (type.matches()) {
            assertThat(types.put(type.group(1), type.group(2))).as(line).isNull();
            checkName(type.group(1), type.group(2));
        } else {
            sample(line);
        }
    }

    private static void checkName(String name, String type) {
        assertThat(name).doesNotEndWith("_count").doesNotEndWith("_sum").doesNotEndWith("_bucket");
        assertThat(name.endsWith("_total")).as(name + " is a " + type).isEqualTo(type.equals("counter"));
        assertThat(name.split("_")).doesNotContainAnyElementsOf(UNITS_NOT_OF_THE_BASE);
        if (type.equals("histogram") || type.equals("summary")) {
            assertThat(name).endsWith("_seconds");
        }
    }

    private void sample(String line) {
        Matcher sample = SAMPLE.matcher(line);
        assertThat(sample.matches()).as("a sample: %s", line).isTrue();
        Map<String, String> labels = labels(sample.group(2) == null ? "" : sample.group(2), line);
        assertThat(isOfAFamily(sample.group(1))).as("TYPE before %s", line).isTrue();
        String value = sample.group(3).replace("Inf", "Infinity");
        assertThat(samples.put(sample.group(1) + labels, Double.valueOf(value)))
                .as("twice: %s", line)
                .isNull();
    }

    private boolean isOfAFamily(String sample) {
        return types.containsKey(sample) || types.containsKey(sample.replaceAll("_(bucket|sum|count)$", ""));
    }

    private static Map<String, String> labels(String text, String line) {
        Map<String, String> labels = new TreeMap<>();
        Matcher label = LABEL.matcher(text);
        int end = 0;
        while (end < text.length()) {
            assertThat(label.find() && label.start() == end)
                    .as("labels of %s", line)
                    .isTrue();
            assertThat(labels.put(label.group(1), label.group(2))).as(line).isNull();
            end = label.end();
        }
        return labels;
    }

    /** Buckets only rise, and the last one is the count. */
    private void checkHistograms() {
        Set<String> histograms = new HashSet<>();
        double before = 0;
        for (Map.Entry<String, Double> sample : samples.entrySet()) {
            String key = sample.getKey();
            if (key.contains("_bucket{")) {
                before = histograms.add(key.replaceAll("le=[^,}]*", "")) ? 0 : before;
                assertThat(sample.getValue()).as(key).isGreaterThanOrEqualTo(before);
                before = sample.getValue();
                if (key.contains("le=+Inf")) {
                    String count = key.replace("_bucket{", "_count{").replaceAll("le=\\+Inf(, )?", "");
                    assertThat(samples).containsEntry(count, before);
                }
            }
        }
    }

    /** The value of a sample such as {@code sluice_requests_total{pool=alpha}}, labels in alphabetical order. */
    public double value(String sample) {
        Double value = samples.get(sample.contains("{") ? sample : sample + "{}");
        if (value == null) {
            throw new AssertionError("No sample " + sample + " in " + samples.keySet());
        }
        return value;
    }

    /** Of all samples of that name, whatever their labels. */
    public double sum(String name) {
        return samples.entrySet().stream()
                .filter(sample -> sample.getKey().startsWith(name + "{"))
                .mapToDouble(Map.Entry::getValue)
                .sum();
    }

    public Set<String> families() {
        return types.keySet();
    }
}
