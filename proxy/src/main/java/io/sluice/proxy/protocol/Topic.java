package io.sluice.proxy.protocol;

/**
 * What a client can ask to have messages of.
 *
 * @param name ISO 8859-1, so that each byte is a character
 */
public record Topic(Kind kind, String name) {

    /** What the name is; names of different kinds have nothing to do with each other. */
    public enum Kind {
        /** That of a channel. */
        CHANNEL,
        /** A pattern for names of channels. */
        PATTERN,
        /** That of a channel whose messages stay with the servers that own it. */
        SHARD_CHANNEL
    }

    /** For logs, which names of channels do not belong in. */
    @Override
    public String toString() {
        return kind.toString();
    }
}
