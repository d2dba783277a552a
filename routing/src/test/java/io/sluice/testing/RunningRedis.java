package io.sluice.testing;

import java.util.function.BooleanSupplier;

/** A started redis-server: a process of ours, or a container. */
interface RunningRedis extends AutoCloseable {

    void awaitReady(BooleanSupplier answers);

    long pid();

    /** STOP or CONT. */
    void signal(String name);

    void kill();

    @Override
    void close();
}
