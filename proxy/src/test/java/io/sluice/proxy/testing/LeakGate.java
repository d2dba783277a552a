package io.sluice.proxy.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/**
 * Fails the build when a Netty buffer was lost in any test of this JVM. A leak is known only once the garbage collector
 * has found it, often after its test; so the whole test process fails, loudly, with the places that touched the buffer.
 */
public final class LeakGate implements LauncherSessionListener {

    private static final Queue<String> leaks = new ConcurrentLinkedQueue<>();
    static final int EXIT_CODE = 97;

    @Override
    public void launcherSessionOpened(LauncherSession session) {
        // Every buffer is watched; a stack trace is kept of what decides its life, not of each byte read from it.
        System.setProperty("io.netty.leakDetection.acquireAndReleaseOnly", "true");
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
        ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(new ListeningFactory());
    }

    @Override
    @SuppressWarnings("SystemExitOutsideMain") // the one way to fail a test process as a whole
    public void launcherSessionClosed(LauncherSession session) {
        provokeReports();
        if (!leaks.isEmpty()) {
            tell("LEAK GATE: " + leaks.size() + " Netty buffer(s) were never released:\n" + String.join("\n", leaks));
            Runtime.getRuntime().halt(EXIT_CODE);
        }
    }

    /** Past surefire's own System.err, of which the halt would swallow the end; and into a file. */
    private static void tell(String text) {
        try (PrintStream err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, UTF_8)) {
            err.println(text);
            Files.writeString(Path.of("target", "leaks.txt"), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A lost buffer is reported when, after a collection, another one is allocated. */
    private static void provokeReports() {
        for (int i = 0; i < 3; i++) {
            System.gc();
            for (int j = 0; j < 100; j++) {
                ByteBuf probe = PooledByteBufAllocator.DEFAULT.directBuffer(16);
                probe.release();
            }
        }
    }

    private static final class ListeningFactory extends ResourceLeakDetectorFactory {
        @Override
        @SuppressWarnings("deprecation") // abstract in the factory, and the only way in
        public <T> ResourceLeakDetector<T> newResourceLeakDetector(
                Class<T> resource, int samplingInterval, long maxActive) {
            ResourceLeakDetector<T> detector = new ResourceLeakDetector<>(resource, samplingInterval);
            detector.setLeakListener((type, records) -> leaks.add(type + " " + records));
            return detector;
        }
    }
}
