package io.sluice.manager.imports;

import java.io.Serial;
import org.apache.zookeeper.KeeperException;

/** What was to be taken over could not be read; the message says what and why, for people. */
public final class ImportException extends Exception {

    @Serial
    private static final long serialVersionUID = 1;

    ImportException(String message) {
        super(message);
    }

    private ImportException(String message, Throwable cause) {
        super(message, cause);
    }

    static ImportException of(String path, Exception e) {
        if (e instanceof InterruptedException) {
            Thread.currentThread().interrupt();
        }
        if (e instanceof KeeperException.NoAuthException || e instanceof KeeperException.AuthFailedException) {
            return new ImportException(
                    path + " may not be read; expected the user and password of codis's coordinator_auth (--auth)", e);
        }
        return new ImportException(path + " cannot be read: ZooKeeper says " + e.getMessage(), e);
    }
}
