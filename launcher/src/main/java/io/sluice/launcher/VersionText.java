package io.sluice.launcher;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.uring.IoUring;
import io.sluice.proxy.tls.TlsEngine;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IVersionProvider;

/** What {@code version} says: the build, the JVM, which kernel interfaces work here, and whose TLS. */
final class VersionText implements IVersionProvider {

    private static final String ROW = "%-10s%s";

    @Override
    public String[] getVersion() {
        return new String[] {
            ROW.formatted("sluice", BuildInfo.version() + " (commit " + BuildInfo.commit() + ")"),
            ROW.formatted("java", Runtime.version() + " (" + System.getProperty("java.vm.name") + ")"),
            ROW.formatted("system", System.getProperty("os.name") + " " + System.getProperty("os.arch")),
            ROW.formatted("io_uring", availability(IoUring.unavailabilityCause())),
            ROW.formatted("epoll", availability(Epoll.unavailabilityCause())),
            ROW.formatted("nio", availability(null)),
            ROW.formatted("tls", TlsEngine.choose().describe())
        };
    }

    private static String availability(@Nullable Throwable obstacle) {
        return obstacle == null ? "available" : "not available: " + rootMessage(obstacle);
    }

    private static String rootMessage(Throwable obstacle) {
        Throwable root = obstacle;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String message = root.getMessage();
        return message == null
                ? root.getClass().getSimpleName()
                : message.lines().findFirst().orElse("");
    }
}
