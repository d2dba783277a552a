package io.sluice.bench.report;

import io.sluice.bench.proxies.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/** Where a run took place. */
public final class Machine {

    private Machine() {}

    /** Facts for the head of a report; the commit is that of the source tree. */
    public static List<Run.Fact> facts(Path repository) {
        List<Run.Fact> facts = new ArrayList<>();
        facts.add(new Run.Fact("date", LocalDate.now(ZoneOffset.UTC).toString()));
        facts.add(new Run.Fact("commit", commit(repository)));
        facts.add(new Run.Fact("machine", cpu() + ", " + Runtime.getRuntime().availableProcessors() + " cores"));
        facts.add(new Run.Fact("kernel", System.getProperty("os.name") + " " + System.getProperty("os.version")));
        facts.add(new Run.Fact("java", Runtime.version().toString()));
        facts.add(new Run.Fact("redis", Programs.firstLine("redis-server", "--version")));
        facts.add(new Run.Fact("load before", loadAverage()));
        return facts;
    }

    private static String commit(Path repository) {
        return Programs.firstLine("git", "-C", repository.toString(), "describe", "--always", "--dirty");
    }

    private static String cpu() {
        return read(Path.of("/proc/cpuinfo"))
                .lines()
                .filter(line -> line.startsWith("model name"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse(System.getProperty("os.arch"));
    }

    /** The load of the machine: above 0 before a run, somebody else is measured too. */
    public static String loadAverage() {
        return read(Path.of("/proc/loadavg")).strip();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return "unknown";
        }
    }
}
