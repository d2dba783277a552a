package io.sluice.routing.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Optional;
import java.util.Set;

/** A file with nothing but a password in it. Blocks while it is read. */
public final class PasswordFile {
    public static final int MAX_BYTES = 4096;

    private PasswordFile() {}

    /** The password; empty, with a mistake where the file is named, if there is none. */
    public static Optional<String> read(YamlScalar name) {
        try {
            Path path = Path.of(name.text());
            return Files.isRegularFile(path) ? read(path, name) : mistake(name, "no such file");
        } catch (InvalidPathException e) {
            return mistake(name, "not the name of a file");
        } catch (IOException e) {
            return mistake(name, "cannot be read (" + e.getClass().getSimpleName() + ")");
        }
    }

    private static Optional<String> read(Path path, YamlScalar name) throws IOException {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(path)) {
            bytes = in.readNBytes(MAX_BYTES + 1);
        }
        String text = new String(bytes, StandardCharsets.UTF_8).replaceFirst("\\r?\\n\\z", "");
        if (bytes.length > MAX_BYTES) {
            return mistake(name, "more than " + MAX_BYTES + " bytes");
        } else if (text.isEmpty()) {
            return mistake(name, "the file is empty");
        } else if (text.indexOf('\n') >= 0) {
            return mistake(name, "more than one line");
        }
        warnIfOpen(path, name);
        return Optional.of(text);
    }

    private static void warnIfOpen(Path path, YamlScalar name) throws IOException {
        if (!path.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            return;
        }
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(path);
        if (permissions.contains(PosixFilePermission.OTHERS_READ)) {
            name.warning("everybody on this machine may read the file; expected mode 0600 or 0640");
        }
    }

    private static Optional<String> mistake(YamlScalar name, String problem) {
        name.mistake("'" + name.text() + "': " + problem + "; expected a file with the password in one line");
        return Optional.empty();
    }
}
