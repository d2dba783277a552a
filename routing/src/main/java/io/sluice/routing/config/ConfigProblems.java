package io.sluice.routing.config;

import io.sluice.routing.config.ConfigProblem.Severity;
import java.util.ArrayList;
import java.util.List;

/** What has been found wrong in one file so far; shared by all its sections. */
final class ConfigProblems {
    /** More are not told: who has a hundred mistakes has one. */
    static final int MAX_TOLD = 100;

    private final String file;
    private final List<ConfigProblem> mistakes = new ArrayList<>();
    private final List<ConfigProblem> warnings = new ArrayList<>();

    ConfigProblems(String file) {
        this.file = file;
    }

    void mistake(YamlPlace place, String message) {
        mistakes.add(new ConfigProblem(
                file, place.line(), place.column(), Words.printable(place.key()), message, Severity.MISTAKE));
    }

    void warning(YamlPlace place, String message) {
        warnings.add(new ConfigProblem(
                file, place.line(), place.column(), Words.printable(place.key()), message, Severity.WARNING));
    }

    void throwIfMistaken() {
        if (!mistakes.isEmpty()) {
            throw new ConfigException(mistakes());
        }
    }

    List<ConfigProblem> mistakes() {
        return told(mistakes);
    }

    List<ConfigProblem> warnings() {
        return told(warnings);
    }

    private List<ConfigProblem> told(List<ConfigProblem> found) {
        List<ConfigProblem> sorted = found.stream().sorted().toList();
        if (sorted.size() <= MAX_TOLD) {
            return sorted;
        }
        List<ConfigProblem> first = new ArrayList<>(sorted.subList(0, MAX_TOLD));
        ConfigProblem next = sorted.get(MAX_TOLD);
        String rest = "and " + (sorted.size() - MAX_TOLD) + " more problems from here on";
        first.add(new ConfigProblem(file, next.line(), next.column(), "", rest, next.severity()));
        return first;
    }
}
