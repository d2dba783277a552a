package io.sluice.manager.embedded;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The folder in which an embedded ZooKeeper keeps what it is told, while one process has it. */
final class DataFolder implements AutoCloseable {

    private static final String LOCK = "lock";
    private static final String LEFT_OVER = "zookeeper.configuration*.properties";

    private final Path path;
    private final FileChannel lockFile;

    private DataFolder(Path path, FileChannel lockFile) {
        this.path = path;
        this.lockFile = lockFile;
    }

    /** Makes it if there is none, for this user only; refuses one that another process has. */
    static DataFolder open(Path folder) throws EmbeddedStartException {
        Path path = folder.toAbsolutePath().normalize();
        try {
            Files.createDirectories(path, onlyForUs());
            DataFolder opened = new DataFolder(path, locked(path.resolve(LOCK)));
            opened.removeLeftOvers();
            return opened;
        } catch (AccessDeniedException e) {
            throw new EmbeddedStartException(path + ": permission denied; choose another 'data_dir'", e);
        } catch (FileAlreadyExistsException e) {
            throw new EmbeddedStartException(path + ": is no folder; choose another 'data_dir'", e);
        } catch (IOException e) {
            throw new EmbeddedStartException(path + ": cannot be used as data_dir: " + e, e);
        }
    }

    private static FileAttribute<?>[] onlyForUs() {
        Set<String> views = FileSystems.getDefault().supportedFileAttributeViews();
        return views.contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
                }
                : new FileAttribute<?>[0];
    }

    private static FileChannel locked(Path file) throws IOException, EmbeddedStartException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (tryLock(channel) == null) {
            channel.close();
            throw new EmbeddedStartException(file.getParent()
                    + ": another manager has this folder; several managers need a ZooKeeper of their own, see the section"
                    + " 'zookeeper', or each its own 'data_dir' if they are to have nothing in common");
        }
        return channel;
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) { // by this process itself
            return null;
        }
    }

    /** ZooKeeper writes its configuration to another file with every start. */
    private void removeLeftOvers() throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(path, LEFT_OVER)) {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
        }
    }

    Path path() {
        return path;
    }

    @Override
    public void close() throws IOException {
        lockFile.close();
    }
}
