package io.sluice.bench.proxies;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the kernel says of one process, all its threads together.
 *
 * @param userSeconds CPU time in user mode since it started
 * @param systemSeconds CPU time in the kernel since it started
 * @param rssKilobytes resident memory now
 * @param peakRssKilobytes the most it has been
 */
public record ProcessFigures(double userSeconds, double systemSeconds, long rssKilobytes, long peakRssKilobytes) {

    private static final double TICKS_PER_SECOND =
            Double.parseDouble(Programs.firstLine("getconf", "CLK_TCK").strip());
    private static final int USER_TICKS = 11; // fields behind the name, which may hold blanks
    private static final int SYSTEM_TICKS = 12;

    public static ProcessFigures of(long pid) {
        Path folder = Path.of("/proc", String.valueOf(pid));
        try {
            return parse(Files.readString(folder.resolve("stat")), Files.readString(folder.resolve("status")));
        } catch (IOException e) {
            throw new BenchException("process " + pid + " has ended", e);
        }
    }

    static ProcessFigures parse(String stat, String status) {
        List<String> fields =
                List.of(stat.substring(stat.lastIndexOf(')') + 2).strip().split(" ", -1));
        return new ProcessFigures(
                Long.parseLong(fields.get(USER_TICKS)) / TICKS_PER_SECOND,
                Long.parseLong(fields.get(SYSTEM_TICKS)) / TICKS_PER_SECOND,
                kilobytes(status, "VmRSS"),
                kilobytes(status, "VmHWM"));
    }

    private static long kilobytes(String status, String key) {
        Matcher matcher = Pattern.compile("(?m)^" + key + ":\\s+(\\d+) kB$").matcher(status);
        if (!matcher.find()) {
            throw new BenchException("no " + key + " in /proc/PID/status");
        }
        return Long.parseLong(matcher.group(1));
    }

    public double cpuSeconds() {
        return userSeconds + systemSeconds;
    }
}
