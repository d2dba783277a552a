package io.sluice.manager.migration.engine;

import io.sluice.manager.migration.engine.CopyFailure.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads the source's stream as fast as it comes, and puts into the spool what moves: first the snapshot, then the commands,
 * transactions whole. Its own thread runs it.
 */
final class StreamReader implements SnapshotReader.Output {

    /** What one transaction may hold back. */
    static final int MOST_TRANSACTION_BYTES = 64 << 20;

    /** What waits is told every so many keys. */
    private static final int TELL_EVERY = 1024;

    private final CopyRun run;
    private final ReplicationStream stream;
    private final StreamFilter filter;
    private final ClockSkew skew;
    private final Spool spool;
    private final FirstPass firstPass;
    private final boolean longTextsWhole;

    private List<Frame> transaction = new ArrayList<>();
    private boolean inTransaction;
    private long transactionBytes;

    /** Everything up to here is in the spool, or need not be; negative before the snapshot was read. */
    private volatile long offset = -1;

    /** What the server that sends the stream said its history is; empty before it said so. */
    private volatile String history = "";

    StreamReader(
            CopyRun run,
            ReplicationStream stream,
            StreamFilter filter,
            ClockSkew skew,
            Spool spool,
            FirstPass firstPass,
            boolean longTextsWhole) {
        this.run = run;
        this.stream = stream;
        this.filter = filter;
        this.skew = skew;
        this.spool = spool;
        this.firstPass = firstPass;
        this.longTextsWhole = longTextsWhole;
    }

    long offset() {
        return offset;
    }

    /**
     * Of the replication that is read; replicas have that of their primary. Empty until the snapshot begins: a server
     * that never had a replica begins a new history with the first.
     */
    String history() {
        return history;
    }

    void run() throws CopyException {
        stream.beginSnapshot();
        history = stream.replicationId();
        try {
            new SnapshotReader(stream.in(), run.plan().moving(), skew, longTextsWhole, this).read();
        } catch (IOException e) {
            throw ReplicationStream.broken(run.plan().source(), e);
        }
        stream.endSnapshot();
        offset = stream.offset();
        firstPass.read();
        spool.append(Frame.firstPassOver(offset));
        while (true) {
            command(stream.next());
            offset = inTransaction ? offset : stream.offset();
        }
    }

    @Override
    public void frame(Frame frame) throws CopyException {
        firstPass.added();
        spool.append(frame);
    }

    @Override
    public void keySeen() throws CopyException {
        if (firstPass.seen() % TELL_EVERY == 0) {
            run.pace().checkRunning();
            run.meter().spool(spool.waitingBytes());
        }
    }

    private void command(List<byte[]> parts) throws CopyException {
        String name = CommandKeys.lower(CommandKeys.text(parts.get(0)));
        if (name.equals("multi")) {
            inTransaction = true;
        } else if (name.equals("exec")) {
            endTransaction();
        } else {
            Optional<Frame> frame = filter.apply(parts, inTransaction ? offset : stream.offset());
            if (frame.isPresent()) {
                put(frame.get());
            }
        }
    }

    private void put(Frame frame) throws CopyException {
        if (!inTransaction) {
            spool.append(frame);
            return;
        }
        transaction.add(frame);
        transactionBytes += frame.payload();
        if (transactionBytes > MOST_TRANSACTION_BYTES) {
            throw new CopyException(
                    Kind.UNSUITABLE,
                    "A transaction on the source is larger than " + (MOST_TRANSACTION_BYTES >> 20)
                            + " MiB; use the tracking engine");
        }
    }

    /** Only its last frame carries the offset after it: before that it is not applied. */
    private void endTransaction() throws CopyException {
        inTransaction = false;
        if (!transaction.isEmpty()) {
            int database = transaction.get(0).database();
            spool.append(Frame.control(database, offset, "MULTI"));
            for (Frame frame : transaction) {
                spool.append(frame);
            }
            spool.append(Frame.control(filter.database(), stream.offset(), "EXEC"));
            transaction = new ArrayList<>();
            transactionBytes = 0;
        }
    }
}
