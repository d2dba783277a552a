package io.sluice.routing.config;

import java.util.List;
import java.util.stream.Collectors;

/** A file that cannot be used, with everything that is wrong in it. The message has one line for each problem. */
public final class ConfigException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Not kept by serialization, which nobody uses; the message has it all as text. */
    private final transient List<ConfigProblem> problems;

    private final String lines;

    public ConfigException(List<ConfigProblem> problems) {
        this.lines = problems.stream().map(ConfigProblem::toString).collect(Collectors.joining("\n"));
        this.problems = List.copyOf(problems);
    }

    @Override
    public String getMessage() {
        return lines;
    }

    /** The mistakes, in the order of the file. */
    public List<ConfigProblem> problems() {
        return problems;
    }
}
