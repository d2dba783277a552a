package io.sluice.proxy.protocol;

/** Makes one reply of the replies to the parts of one request, and remembers of the request what it needs for that. */
public interface PartMerge {

    /** A part that failed makes the whole fail: an error is never turned into a miss. */
    void merge(PartReplies replies, ReplySink sink);
}
