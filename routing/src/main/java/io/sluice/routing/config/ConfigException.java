package io.sluice.routing.config;

/** Stand-in: all problems of one file. */
public final class ConfigException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public ConfigException(String message) {
        super(message);
    }
}
