package io.sluice.manager.migration.engine;

import io.sluice.testing.RespClient;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.List;

/**
 * How much CPU a copy has taken: a figure that means something on a busy machine, too.
 *
 * @param source seconds, with those of its child that writes the snapshot
 * @param target seconds
 * @param here seconds of this process, all threads
 */
record CpuTimes(double source, double target, double here) {

    static CpuTimes now(RespClient source, RespClient target) throws IOException {
        long nanos = ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
        return new CpuTimes(of(source), of(target), nanos / 1e9);
    }

    private static double of(RespClient server) throws IOException {
        InfoText info = InfoText.of(RedisLink.ascii(String.valueOf(server.call("INFO", "cpu"))));
        double sum = 0;
        for (String field : List.of("user", "sys", "user_children", "sys_children")) {
            sum += Double.parseDouble(info.text("used_cpu_" + field));
        }
        return sum;
    }

    /** Microseconds for each of so many keys, since then. */
    String perKeySince(CpuTimes begin, long keys) {
        return "CPU us/key: source %.1f, target %.1f, this process %.1f"
                .formatted(
                        (source - begin.source) * 1e6 / keys,
                        (target - begin.target) * 1e6 / keys,
                        (here - begin.here) * 1e6 / keys);
    }
}
