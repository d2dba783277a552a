package io.sluice.testing;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Something that runs while the tests of a class run. Use it as a static field with {@code @RegisterExtension}, or plainly
 * through {@link #start} and {@link #close}.
 */
public interface ServerFixture extends BeforeAllCallback, AfterAllCallback, AutoCloseable {

    /** Returns when the server answers. */
    void start();

    /** Ends the server; harmless when it is not running. */
    @Override
    void close();

    @Override
    default void beforeAll(ExtensionContext context) {
        start();
    }

    @Override
    default void afterAll(ExtensionContext context) {
        close();
    }
}
