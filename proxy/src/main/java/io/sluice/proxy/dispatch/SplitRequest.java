package io.sluice.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.sluice.proxy.metrics.PoolCounters;
import io.sluice.proxy.protocol.ErrorKind;
import io.sluice.proxy.protocol.PartMerge;
import io.sluice.proxy.protocol.PartReplies;
import io.sluice.proxy.protocol.Protocol;
import io.sluice.proxy.protocol.ReplySink;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request in parts, and the gathering of their replies. Every part is heard of before the whole is answered, so a
 * later reply never finds its requester gone. Event-loop only.
 */
final class SplitRequest implements PartReplies {

    private static final Logger log = LoggerFactory.getLogger(SplitRequest.class);

    private static final int PART_BYTES = 128;

    private final Protocol protocol;
    private final ByteBufAllocator allocator;
    private final PartMerge merge;
    private final int[] partOfKey;
    private final Part[] parts;
    private final int maxBytes;
    private final PoolCounters counters;
    private final ByteBuf scratch;
    private final ReplySink whole;

    private int partsOwed;
    private int bytes; // of all parts
    private int keptBytes; // as the whole was told

    /** Roughly what a request in parts takes itself, by key and by part. */
    static int overheadBytes(int keys, int parts) {
        return keys * Integer.BYTES + parts * PART_BYTES;
    }

    /** Borrows {@code scratch}; takes over {@code partOfKey}, and what {@code whole} was asked to keep for {@link #overheadBytes}. */
    SplitRequest(
            Protocol protocol,
            ByteBufAllocator allocator,
            PartMerge merge,
            int[] partOfKey,
            int parts,
            int maxBytes,
            PoolCounters counters,
            ByteBuf scratch,
            ReplySink whole) {
        this.protocol = protocol;
        this.allocator = allocator;
        this.merge = merge;
        this.partOfKey = partOfKey;
        this.parts = new Part[parts];
        this.maxBytes = maxBytes;
        this.counters = counters;
        this.scratch = scratch;
        this.whole = whole;
        this.partsOwed = parts;
        this.keptBytes = overheadBytes(partOfKey.length, parts);
        for (int i = 0; i < parts; i++) {
            this.parts[i] = new Part();
        }
    }

    /** Where the reply to a part goes. */
    ReplySink sink(int part) {
        return parts[part];
    }

    /** The reply to a part is that of one before it, which asks for the same: only that one is sent. To be said before any is sent. */
    void repeat(int part, int former) {
        parts[part].original = parts[former];
        partsOwed--;
    }

    boolean isRepeated(int part) {
        return parts[part].original != null;
    }

    /** This part and those after it will not be sent. */
    void breakFrom(int first) {
        for (int i = first; i < parts.length; i++) {
            if (!isRepeated(i)) {
                parts[i].onBroken("this part of the request was not sent");
            }
        }
    }

    private void partDone() {
        if (--partsOwed > 0) {
            return;
        }
        whole.dropped(keptBytes); // now, since the whole is counted from its first byte
        try {
            for (Part part : parts) {
                part.repeatOriginal();
            }
            merge.merge(this, whole);
        } catch (RuntimeException | Error e) {
            log.error("The parts of a reply could not be merged", e);
            whole.onBroken("the parts of the reply could not be merged");
        } finally {
            for (Part part : parts) {
                part.release();
            }
        }
    }

    @Override
    public int parts() {
        return parts.length;
    }

    @Override
    public ByteBuf part(int part) {
        return parts[part].reply();
    }

    @Override
    public int keys() {
        return partOfKey.length;
    }

    @Override
    public int partOfKey(int key) {
        return partOfKey[key];
    }

    @Override
    public ByteBuf scratch() {
        return scratch.clear();
    }

    /** The reply to one part, gathered. */
    private final class Part implements ReplySink {
        private @Nullable ByteBuf reply;
        private @Nullable Part original; // another one, whose reply is this one's
        private boolean overflowed;

        @Override
        public void onReply(ByteBuf source, int offset, int length, boolean last) {
            gather(source, offset, length);
            if (last) {
                if (overflowed) {
                    counters.error(ErrorKind.OVERLOADED);
                    replace(
                            ErrorKind.OVERLOADED,
                            "the parts of the reply exceed " + maxBytes + " bytes (limits.client_held_bytes)");
                }
                partDone();
            }
        }

        private void gather(ByteBuf source, int offset, int length) {
            if (overflowed || bytes + length > maxBytes) {
                overflowed = true;
                return;
            }
            if (!whole.keep(length)) {
                overflowed = true;
                return;
            }
            bytes += length;
            keptBytes += length;
            try {
                if (reply == null) {
                    reply = allocator.directBuffer(length);
                }
                reply.writeBytes(source, offset, length);
            } catch (OutOfMemoryError e) { // of direct memory: there may be some again for the next request
                log.error("No memory for the parts of a reply", e);
                overflowed = true;
            }
        }

        @Override
        public void onBroken(String detail) {
            replace(ErrorKind.CONNECTION_LOST, detail);
            partDone();
        }

        @Override
        public boolean keep(int more) {
            return whole.keep(more);
        }

        @Override
        public void dropped(int kept) {
            whole.dropped(kept);
        }

        private void replace(ErrorKind kind, String detail) {
            release();
            reply = protocol.error(kind, detail);
        }

        private void repeatOriginal() {
            if (original != null) {
                reply = original.reply().retainedDuplicate();
            }
        }

        private ByteBuf reply() {
            if (reply == null) {
                throw new IllegalStateException("A part without a reply");
            }
            return reply;
        }

        private void release() {
            if (reply != null) {
                reply.release();
                reply = null;
            }
        }
    }
}
