package io.sluice.proxy.testing;

import io.netty.buffer.PooledByteBufAllocator;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.core.LauncherFactory;

/** A test process that loses a buffer if told to; {@link LeakGateIT} looks at how it ends. */
final class PlantedLeak {

    static final String LOSE = "lose";

    private PlantedLeak() {}

    public static void main(String[] arguments) {
        LauncherSession session = LauncherFactory.openSession(); // where surefire and failsafe begin, too
        allocate(arguments[0].equals(LOSE));
        session.close();
    }

    private static void allocate(boolean lose) {
        var buffer = PooledByteBufAllocator.DEFAULT.directBuffer(64);
        buffer.writeLong(1);
        if (!lose) {
            buffer.release();
        }
    }
}
