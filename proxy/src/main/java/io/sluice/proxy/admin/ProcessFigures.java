package io.sluice.proxy.admin;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.ToLongFunction;

/** What the system says of this process; 0 where it says nothing. */
final class ProcessFigures {

    private static final Path STATUS = Path.of("/proc/self/status");

    private ProcessFigures() {}

    static double cpuSeconds() {
        return system(UnixOperatingSystemMXBean::getProcessCpuTime) / 1e9;
    }

    static long openFiles() {
        return system(UnixOperatingSystemMXBean::getOpenFileDescriptorCount);
    }

    static long maxFiles() {
        return system(UnixOperatingSystemMXBean::getMaxFileDescriptorCount);
    }

    private static long system(ToLongFunction<UnixOperatingSystemMXBean> figure) {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                ? figure.applyAsLong(unix)
                : 0;
    }

    static long heapBytes() {
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    static long maxHeapBytes() {
        return Runtime.getRuntime().maxMemory();
    }

    /** The line {@code VmRSS:  123456 kB}. */
    static long residentBytes() {
        try {
            return Files.readAllLines(STATUS).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                    .sum();
        } catch (IOException notOnLinux) {
            return 0;
        }
    }
}
