package io.sluice.launcher.faults;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Lets the thread that comes to one chosen point wait there until it is told to go on. Thread-safe. */
final class Halt {

    private final Consumer<FaultPoint> whenThere;
    private @Nullable FaultPoint chosen;
    private boolean waiting;

    Halt(Consumer<FaultPoint> whenThere) {
        this.whenThere = whenThere;
    }

    synchronized void choose(FaultPoint point) {
        chosen = point;
    }

    synchronized void goOn() {
        waiting = false;
        notifyAll();
    }

    /** Waits if this is the point, once. Who is interrupted waits all the same: a process that is stopped does. */
    synchronized void at(@Nullable FaultPoint point) {
        if (point == null || chosen != point) {
            return;
        }
        chosen = null;
        waiting = true;
        whenThere.accept(point);
        boolean interrupted = false;
        while (waiting) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** What happens before and after the calls of an object. */
    interface Turns {

        default void before(Method method, Object[] arguments) {}

        /** Returns what the caller gets. */
        default @Nullable Object after(Method method, Object[] arguments, @Nullable Object result) {
            return result;
        }
    }

    /** The same object, with turns around its calls. */
    static <T> T around(Class<T> type, T object, Turns turns) {
        InvocationHandler handler = (proxy, method, given) -> {
            Object[] arguments = given == null ? new Object[0] : given;
            turns.before(method, arguments);
            try {
                return turns.after(method, arguments, method.invoke(object, arguments));
            } catch (InvocationTargetException e) {
                throw Objects.requireNonNull(e.getCause());
            }
        };
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }
}
