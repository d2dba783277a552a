package io.sluice.launcher.mutations;

import io.sluice.manager.migration.engine.DrainResult;
import io.sluice.proxy.backend.PrivateConnection;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import net.bytebuddy.implementation.bind.annotation.Argument;
import net.bytebuddy.implementation.bind.annotation.This;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.ZooDefs;

/** What is done where a check is switched off. Public, for the changed classes call it. Thread-safe. */
public final class Instead {

    private static final int ANY_VERSION = -1;
    private static final LongAdder calls = new LongAdder();

    private Instead() {}

    /** Of all methods here, since this was begun. */
    static long calls() {
        return calls.sum();
    }

    /** It is so. */
    public static boolean yes() {
        calls.increment();
        return true;
    }

    /** There are none. */
    public static long none() {
        calls.increment();
        return 0;
    }

    /** There is nobody to wait for. */
    public static List<String> nobody() {
        calls.increment();
        return List.of();
    }

    /** There is no problem. */
    public static Optional<?> nothing() {
        calls.increment();
        return Optional.empty();
    }

    /** Nothing is done. */
    public static void leftOut() {
        calls.increment();
    }

    /** All is drained. */
    public static DrainResult drained() {
        calls.increment();
        return new DrainResult(Duration.ZERO, null);
    }

    /** Ends a wait by closing the connection: no reply will come. */
    public static boolean closing(@This Object connection) {
        calls.increment();
        ((PrivateConnection) connection).close();
        return true;
    }

    /** Whoever has the term. */
    public static Op anyTerm(@This Object held) {
        calls.increment();
        return Op.check(text(held, "path"), ANY_VERSION);
    }

    /** Over whatever is there. */
    public static Op whateverItsVersion(@This Object store, @Argument(0) int version, @Argument(1) byte[] bytes) {
        calls.increment();
        String path = text(store, "path");
        return version < 0
                ? Op.create(path, bytes, ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT)
                : Op.setData(path, bytes, ANY_VERSION);
    }

    private static String text(Object owner, String name) {
        try {
            Method method = owner.getClass().getDeclaredMethod(name);
            method.setAccessible(true);
            return String.valueOf(method.invoke(owner));
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("a mutation does not fit any more", e);
        }
    }
}
