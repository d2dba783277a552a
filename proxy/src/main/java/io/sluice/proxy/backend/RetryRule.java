package io.sluice.proxy.backend;

/**
 * What may be sent once more when its connection fails.
 *
 * @param percent retries of a pool and worker by a hundred of its requests; 0 for none
 * @param reads whether reads that were sent may be; else only what certainly was not sent
 */
public record RetryRule(int percent, boolean reads) {

    /** Nothing is. */
    public static final RetryRule NONE = new RetryRule(0, false);
}
