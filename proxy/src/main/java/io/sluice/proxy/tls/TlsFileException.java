package io.sluice.proxy.tls;

import java.nio.file.Path;

/** A file does not hold what TLS needs of it; the message says what it holds, without the file's name. */
public final class TlsFileException extends Exception {

    private static final long serialVersionUID = 1;

    private final transient Path file;

    TlsFileException(Path file, String message) {
        super(message);
        this.file = file;
    }

    public Path file() {
        return file;
    }

    /** For logs: the file and what is wrong with it. */
    public String describe() {
        return file + ": " + getMessage();
    }
}
