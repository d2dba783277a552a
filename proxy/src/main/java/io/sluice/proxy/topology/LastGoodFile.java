package io.sluice.proxy.topology;

import io.sluice.routing.cluster.Topology;
import io.sluice.routing.cluster.TopologyDocument;
import io.sluice.routing.config.ConfigException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The topology that was last served by, as a file: what a proxy starts with that finds no ZooKeeper. Replaced whole, and
 * never by an older one. Used by one thread at a time; blocks.
 */
final class LastGoodFile {

    private static final Logger log = LoggerFactory.getLogger(LastGoodFile.class);

    private final Path file;
    private boolean failing;

    LastGoodFile(Path file) {
        this.file = file.toAbsolutePath();
    }

    Path path() {
        return file;
    }

    /** Empty if there is none, or none that can be read, which is logged. */
    Optional<Topology> read() {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(TopologyDocument.parse(file.toString(), Files.readAllBytes(file)));
        } catch (IOException e) {
            log.warn("The last good topology cannot be read: file={} error={}", file, e.toString());
        } catch (ConfigException e) {
            log.warn("The last good topology is damaged, going on without it: file={}\n{}", file, e.getMessage());
        }
        return Optional.empty();
    }

    /** Keeps it, unless a newer one is there, as another process may have left it. Failure is logged once. */
    void write(Topology topology) {
        try {
            if (epochInFile() < topology.epoch()) {
                replace(TopologyDocument.bytes(topology));
            }
            failing = false;
        } catch (IOException e) {
            if (!failing) {
                log.warn(
                        "The topology cannot be kept for a start without ZooKeeper: file={} epoch={} error={}",
                        file,
                        topology.epoch(),
                        e.toString());
            }
            failing = true;
        }
    }

    private long epochInFile() throws IOException {
        return Files.exists(file) ? EpochText.find(Files.readAllBytes(file)).orElse(0) : 0;
    }

    /** Whoever reads it, whenever the machine stops, finds the former one or this one. */
    private void replace(byte[] document) throws IOException {
        Path folder = file.getParent();
        if (folder != null && !Files.isDirectory(folder)) { // which may be a link, as those of systemd are
            Files.createDirectories(folder);
        }
        Path next = file.resolveSibling(
                file.getFileName() + "." + ProcessHandle.current().pid() + ".tmp");
        try {
            try (FileChannel out = FileChannel.open(
                    next, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
                ByteBuffer bytes = ByteBuffer.wrap(document);
                while (bytes.hasRemaining()) {
                    out.write(bytes);
                }
                out.force(true);
            }
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(next);
        }
        if (folder != null) {
            try (FileChannel entries = FileChannel.open(folder, StandardOpenOption.READ)) {
                entries.force(true); // the new name, too
            }
        }
    }
}
