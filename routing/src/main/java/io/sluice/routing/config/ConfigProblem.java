package io.sluice.routing.config;

import java.util.Comparator;

/**
 * One thing that is wrong, or likely wrong, in a file.
 *
 * @param file as the user named it
 * @param line from 1; 0 if the problem is the file itself
 * @param column from 1, in characters; 0 if the problem is the file itself
 * @param key with dots, e.g. {@code alpha.hash}; empty if no key is meant
 * @param message what was found and what was expected
 */
public record ConfigProblem(String file, int line, int column, String key, String message, Severity severity)
        implements Comparable<ConfigProblem> {

    /** Whether the file can be used all the same. */
    public enum Severity {
        MISTAKE,
        WARNING
    }

    private static final Comparator<ConfigProblem> FILE_ORDER =
            Comparator.comparingInt(ConfigProblem::line).thenComparingInt(ConfigProblem::column);

    /** By place in the file. */
    @Override
    public int compareTo(ConfigProblem other) {
        return FILE_ORDER.compare(this, other);
    }

    /** One line: {@code file:line:column: key: message}. */
    @Override
    public String toString() {
        return file
                + (line == 0 ? "" : ":" + line + ":" + column)
                + (severity == Severity.WARNING ? ": warning: " : ": ")
                + (key.isEmpty() ? "" : key + ": ")
                + message;
    }
}
