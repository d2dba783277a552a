package io.sluice.bench.load;

import io.sluice.bench.proxies.BenchException;
import io.sluice.bench.proxies.Folder;
import io.sluice.bench.proxies.Programs;
import io.sluice.bench.proxies.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Counts a process' system calls during a load of its own, which is not measured otherwise: with perf, else with
 * strace, which slows what it watches down and so changes how much is done at once.
 */
public final class SystemCalls {

    private static final Pattern PERF = Pattern.compile("(?m)^(\\d+),,raw_syscalls:sys_enter");
    private static final Pattern STRACE = Pattern.compile("(?m)^100\\.00 +\\S+ +\\S* +(\\d+) .*total$");
    private static final int ATTACH_MILLIS = 1_500;
    private static final int END_SECONDS = 20;

    private final Folder folder;
    private final Tool tool;

    private enum Tool {
        PERF,
        STRACE,
        NONE
    }

    public SystemCalls(Folder folder) {
        this.folder = folder;
        this.tool = choose(ProcessHandle.current().pid(), folder.resolve("perf-probe.txt"));
    }

    private static Tool choose(long pid, Path output) {
        boolean perf = Programs.find("perf").isPresent()
                && Programs.run(probeCommand(pid, output)).exitCode() == 0;
        if (perf) {
            return Tool.PERF;
        }
        return Programs.find("strace").isPresent() ? Tool.STRACE : Tool.NONE;
    }

    /** Until it is interrupted. */
    private static List<String> perfCommand(long pid, Path output) {
        return List.of(
                "perf",
                "stat",
                "-x",
                ",",
                "-e",
                "raw_syscalls:sys_enter",
                "-p",
                String.valueOf(pid),
                "-o",
                output.toString());
    }

    /** Over at once; it fails where perf may not count. */
    private static List<String> probeCommand(long pid, Path output) {
        List<String> command = new ArrayList<>(perfCommand(pid, output));
        command.addAll(List.of("--", "true"));
        return command;
    }

    /** Calls per request while {@code load} runs; empty where nothing can count them. */
    public OptionalDouble perRequest(Target target, Supplier<Load> load) {
        Path output = folder.resolve("system-calls-" + target.name() + ".txt");
        return switch (tool) {
            case PERF -> count(target, load, output, PERF, perfCommand(target.pid(), output));
            case STRACE ->
                count(
                        target,
                        load,
                        output,
                        STRACE,
                        List.of(
                                "strace",
                                "-c",
                                "-f",
                                "-q",
                                "-p",
                                String.valueOf(target.pid()),
                                "-o",
                                output.toString()));
            case NONE -> OptionalDouble.empty();
        };
    }

    private static OptionalDouble count(
            Target target, Supplier<Load> load, Path output, Pattern total, List<String> command) {
        try {
            Process counter = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (counter.waitFor(ATTACH_MILLIS, TimeUnit.MILLISECONDS)) {
                return OptionalDouble.empty(); // it may not attach here
            }
            Load seen;
            try {
                seen = load.get();
            } finally {
                Programs.run(List.of("kill", "-INT", String.valueOf(counter.pid())));
                if (!counter.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                    counter.destroyForcibly();
                }
            }
            Matcher matcher = total.matcher(Files.readString(output));
            return matcher.find()
                    ? OptionalDouble.of(Double.parseDouble(matcher.group(1)) / seen.requests())
                    : OptionalDouble.empty();
        } catch (IOException e) {
            return OptionalDouble.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchException("interrupted while counting the system calls of " + target.name(), e);
        }
    }

    /** What counts them, or why nothing does. */
    public String describe() {
        return switch (tool) {
            case PERF -> "perf stat -e raw_syscalls:sys_enter, in a run of its own";
            case STRACE -> "strace -c -f, in a run of its own";
            case NONE -> "not counted: neither perf nor strace works here";
        };
    }
}
