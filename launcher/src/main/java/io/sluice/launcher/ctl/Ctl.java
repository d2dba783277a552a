package io.sluice.launcher.ctl;

import io.sluice.manager.api.Answers.PoolAnswer;
import io.sluice.manager.api.Answers.PoolsAnswer;
import io.sluice.manager.api.ApiJson;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/** One run of a subcommand: whom it asks, and where it writes to. */
final class Ctl {

    /** What a subcommand does; returns the exit code. */
    @FunctionalInterface
    interface Task {
        int run(Ctl ctl);
    }

    private final CtlCommand command;
    private final ManagerClient manager;
    private final PrintWriter out;
    private final PrintWriter err;
    private final boolean planOnly;

    private Ctl(CtlCommand command, CommandSpec spec, boolean planOnly) {
        this.command = command;
        this.manager = command.managerOptions().client();
        this.out = spec.commandLine().getOut();
        this.err = spec.commandLine().getErr();
        this.planOnly = planOnly;
    }

    /** Runs it for the command of {@code spec}, and tells what went wrong: to people on stderr, else as JSON. */
    static int run(CommandSpec spec, Task task) {
        @Nullable CtlCommand command = null;
        boolean planOnly = false;
        for (CommandSpec at = spec; at != null; at = at.parent()) {
            planOnly |= at.userObject() instanceof PlanCommand;
            if (at.userObject() instanceof CtlCommand found) {
                command = found;
            }
        }
        if (command == null) {
            throw new IllegalStateException(spec.qualifiedName() + " is no subcommand of ctl");
        }
        try {
            return task.run(new Ctl(command, spec, planOnly));
        } catch (CtlException e) {
            tell(e, spec, command.json());
            return e.exitCode();
        } finally {
            spec.commandLine().getOut().flush();
            spec.commandLine().getErr().flush();
        }
    }

    private static void tell(CtlException problem, CommandSpec spec, boolean json) {
        if (json) {
            spec.commandLine().getOut().print(ApiJson.text(problem.answer()));
            return;
        }
        PrintWriter err = spec.commandLine().getErr();
        List<String> lines = problem.lines();
        err.println(spec.qualifiedName() + ": " + lines.get(0));
        lines.stream().skip(1).forEach(line -> err.println("  " + line));
    }

    ManagerClient manager() {
        return manager;
    }

    Terminal terminal() {
        return command.terminal();
    }

    boolean json() {
        return command.json();
    }

    /** Whether the user said {@code plan} in front of the change. */
    boolean planOnly() {
        return planOnly;
    }

    PrintWriter out() {
        return out;
    }

    PrintWriter err() {
        return err;
    }

    /** The answer as it came, for programs; else what {@code lines} makes of it. */
    <T> int show(String answer, Class<T> type, Function<T, List<String>> lines) {
        if (json()) {
            out.print(answer);
        } else {
            lines.apply(read(answer, type)).forEach(out::println);
        }
        return CtlExit.OK;
    }

    static <T> T read(String answer, Class<T> type) {
        return ApiJson.read(answer, type)
                .orElseThrow(() -> CtlException.of(
                        CtlExit.FAILED,
                        "no_manager",
                        "the answer cannot be understood",
                        "is it a manager, and of this version?"));
    }

    /** The pool that was named; without a name the only one there is. */
    String pool(@Nullable String named) {
        if (named != null) {
            return named;
        }
        List<PoolAnswer> pools =
                read(manager.get("/v1/pools"), PoolsAnswer.class).pools();
        if (pools.size() != 1) {
            throw CtlException.badInput(
                    pools.isEmpty()
                            ? "there is no pool yet"
                            : "which pool? There are: "
                                    + pools.stream().map(PoolAnswer::name).collect(Collectors.joining(", ")),
                    pools.isEmpty() ? "make one: 'sluice ctl pool create NAME'" : "say --pool NAME");
        }
        return pools.get(0).name();
    }

    /** A part of a path or of a query. */
    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    static String encoded(byte[] bytes) {
        StringBuilder text = new StringBuilder(3 * bytes.length);
        for (byte each : bytes) {
            text.append(String.format("%%%02x", each & 0xff));
        }
        return text.toString();
    }

    static String user() {
        return System.getProperty("user.name", "");
    }
}
