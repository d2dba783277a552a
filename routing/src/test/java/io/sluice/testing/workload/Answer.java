package io.sluice.testing.workload;

import org.jspecify.annotations.Nullable;

/**
 * What became of one request.
 *
 * @param outcome whether it was answered
 * @param value the reply; null as well where there is none
 */
record Answer(Outcome outcome, @Nullable Object value) {

    enum Outcome {
        /** It was executed, and this is its reply. */
        REPLY,
        /** An error or a lost connection: it may have been executed or not, now or a little later. */
        UNKNOWN
    }

    static final Answer UNKNOWN = new Answer(Outcome.UNKNOWN, null);

    static Answer reply(@Nullable Object value) {
        return new Answer(Outcome.REPLY, value);
    }

    boolean isReply() {
        return outcome == Outcome.REPLY;
    }

    long number() {
        return value instanceof Long number ? number : Long.parseLong(String.valueOf(value));
    }
}
