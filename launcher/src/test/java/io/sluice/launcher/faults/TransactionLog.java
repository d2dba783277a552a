package io.sluice.launcher.faults;

import io.sluice.routing.cluster.Freezes;
import io.sluice.routing.cluster.Heartbeat;
import io.sluice.routing.cluster.Topology;
import io.sluice.routing.cluster.TopologyDocument;
import io.sluice.routing.cluster.ZnodePaths;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.jute.BinaryInputArchive;
import org.apache.jute.Record;
import org.apache.zookeeper.ZooDefs.OpCode;
import org.apache.zookeeper.server.ByteBufferInputStream;
import org.apache.zookeeper.server.persistence.FileTxnLog;
import org.apache.zookeeper.server.persistence.TxnLog.TxnIterator;
import org.apache.zookeeper.txn.CreateTxn;
import org.apache.zookeeper.txn.DeleteTxn;
import org.apache.zookeeper.txn.MultiTxn;
import org.apache.zookeeper.txn.SetDataTxn;
import org.apache.zookeeper.txn.Txn;
import org.jspecify.annotations.Nullable;

/** Everything that ZooKeeper has carried out, as one of its servers wrote it down. */
final class TransactionLog {

    /**
     * One write.
     *
     * @param text empty for a node that was deleted
     */
    record Write(long zxid, long session, String path, String text) {

        byte[] bytes() {
            return text.getBytes(StandardCharsets.UTF_8);
        }
    }

    private final List<Write> writes = new ArrayList<>();

    /** As it is now. */
    static TransactionLog read(Path dataFolder) throws IOException {
        TransactionLog log = new TransactionLog();
        try (FileTxnLog files = new FileTxnLog(dataFolder.resolve("version-2").toFile());
                TxnIterator each = files.read(1)) {
            while (each.getHeader() != null) {
                log.add(each.getHeader().getZxid(), each.getHeader().getClientId(), each.getTxn());
                if (!each.next()) {
                    break;
                }
            }
        } catch (EOFException e) {
            return log; // it is being written
        }
        return log;
    }

    private void add(long zxid, long session, Record record) throws IOException {
        if (record instanceof CreateTxn create) {
            writes.add(new Write(zxid, session, create.getPath(), text(create.getData())));
        } else if (record instanceof SetDataTxn set) {
            writes.add(new Write(zxid, session, set.getPath(), text(set.getData())));
        } else if (record instanceof DeleteTxn delete) {
            writes.add(new Write(zxid, session, delete.getPath(), ""));
        } else if (record instanceof MultiTxn multi) {
            for (Txn part : multi.getTxns()) {
                addPart(zxid, session, part);
            }
        }
    }

    /** One that failed has errors as its parts, which are passed over. */
    private void addPart(long zxid, long session, Txn part) throws IOException {
        @Nullable Record record = switch (part.getType()) {
            case OpCode.create -> new CreateTxn();
            case OpCode.setData -> new SetDataTxn();
            case OpCode.delete -> new DeleteTxn();
            default -> null;
        };
        if (record != null) {
            record.deserialize(
                    BinaryInputArchive.getArchive(new ByteBufferInputStream(ByteBuffer.wrap(part.getData()))), "txn");
            add(zxid, session, record);
        }
    }

    private static String text(byte @Nullable [] bytes) {
        return bytes == null ? "" : new String(bytes, StandardCharsets.UTF_8);
    }

    List<Write> to(String path) {
        return writes.stream().filter(write -> write.path().equals(path)).toList();
    }

    List<Topology> topologies(ZnodePaths paths) {
        return to(paths.topology()).stream()
                .map(write -> TopologyDocument.parse("of " + write.zxid(), write.bytes()))
                .toList();
    }

    /**
     * Writes of the topology and of the book of connections by sessions other than that which raised the term last, but
     * for the ends of freezes, which anybody may write.
     */
    List<String> writesOfDeposedManagers(ZnodePaths paths, String pool) {
        List<String> found = new ArrayList<>();
        Topology before = Topology.NONE;
        long leading = 0;
        for (Write write : writes) {
            boolean allowed = leading == 0 || write.session() == leading;
            if (write.path().equals(paths.topology())) {
                Topology next = TopologyDocument.parse("of " + write.zxid(), write.bytes());
                allowed |= endsFreezes(before, next, pool);
                before = next;
            } else if (write.path().equals(paths.term()) && !write.text().contains("\"term\":0")) {
                leading = write.session();
                continue;
            } else if (!write.path().contains("/conns/")) {
                continue;
            }
            if (!allowed) {
                found.add("zxid " + write.zxid() + " " + write.path() + " " + write.text());
            }
        }
        return found;
    }

    private static boolean endsFreezes(Topology before, Topology next, String pool) {
        Set<String> frozen = before.slotPool(pool).stream()
                .flatMap(slots -> slots.handoffs().keySet().stream())
                .collect(Collectors.toSet());
        return next.term() == before.term()
                && Freezes.ended(before, frozen).pools().equals(next.pools())
                && !before.pools().equals(next.pools());
    }

    /** Who wrote there last. */
    long lastSessionAt(String path) {
        List<Write> all = to(path);
        return all.get(all.size() - 1).session();
    }

    /** What must hold of every history, one line for each that does not. */
    List<String> contradictions(ZnodePaths paths) {
        List<String> found = new ArrayList<>();
        Topology before = Topology.NONE;
        for (Topology next : topologies(paths)) {
            if (next.epoch() != before.epoch() + 1 || next.term() < before.term()) {
                found.add("epoch " + before.epoch() + " of term " + before.term() + " is followed by epoch "
                        + next.epoch() + " of term " + next.term());
            }
            before = next;
        }
        Map<String, Long> applied = new HashMap<>();
        for (Write write : writes) {
            if (write.path().endsWith("/hb") && !write.text().isEmpty()) {
                Heartbeat beat = Heartbeat.parse(write.path(), write.bytes());
                long earlier = applied.getOrDefault(beat.incarnation(), 0L);
                if (beat.applied() < earlier) {
                    found.add(write.path() + " goes back from epoch " + earlier + " to " + beat.applied());
                }
                applied.put(beat.incarnation(), beat.applied());
            }
        }
        return found;
    }
}
