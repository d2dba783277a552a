package io.sluice.launcher;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * SIGHUP as a request to read the configuration again. The JVM has no public way to hear of a signal without ending; the
 * one of {@code jdk.unsupported} has been there for ever, and is asked for by name because the compiler warns of it.
 */
final class Hangup {

    private Hangup() {}

    /** From now on the signal runs this task, on a thread of its own, instead of ending the process. */
    static void handle(Runnable task) {
        Executor thread = Executors.newSingleThreadExecutor(work -> {
            Thread hangup = new Thread(work, "sluice-reload");
            hangup.setDaemon(true);
            return hangup;
        });
        InvocationHandler onSignal = (handler, method, arguments) -> {
            if (method.getName().equals("handle")) {
                thread.execute(task);
            }
            return null;
        };
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object ours = Proxy.newProxyInstance(Hangup.class.getClassLoader(), new Class<?>[] {handler}, onSignal);
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance("HUP"), ours);
        } catch (ReflectiveOperationException | RuntimeException e) {
            Logger log = LoggerFactory.getLogger(Hangup.class);
            log.warn("SIGHUP ends the process here, since this JVM does not tell of it: {}", e.toString());
        }
    }
}
