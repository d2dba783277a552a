package io.sluice.proxy.protocol;

/** What a server says without being asked by a request that awaits a reply. */
public record Announcement(Kind kind, Topic topic) {

    /** What it is about. */
    public enum Kind {
        /** A message, to be passed on as it is. */
        MESSAGE,
        /** Messages of the topic will come from now on. */
        SUBSCRIBED,
        /** They will come no more. */
        UNSUBSCRIBED
    }
}
