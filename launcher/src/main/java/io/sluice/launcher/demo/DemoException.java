package io.sluice.launcher.demo;

/** A demo that could not start; the message is one line for people. */
public final class DemoException extends Exception {

    private static final long serialVersionUID = 1L;

    DemoException(String message) {
        super(message);
    }

    DemoException(String message, Exception cause) {
        super(message, cause);
    }
}
