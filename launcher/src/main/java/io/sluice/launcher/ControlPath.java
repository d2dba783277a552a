package io.sluice.launcher;

import io.sluice.proxy.config.Lifecycle;
import io.sluice.proxy.config.ProxyConfig;
import io.sluice.routing.topology.ServerAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.LoggerFactory;

/** Where the control socket of a proxy is: what {@code control} says, or a folder that only its user may look into. */
final class ControlPath {

    /** The longest name of a unix socket, with what a process adds to it while it takes the place. */
    private static final int MAX_BYTES = 90;

    private ControlPath() {}

    /** Empty if there is to be none, or if no folder is safe for it. */
    static Optional<Path> of(ProxyConfig config, Map<String, String> environment) {
        String control = config.lifecycle().control();
        return switch (control) {
            case Lifecycle.NO_CONTROL -> Optional.empty();
            case Lifecycle.AUTO_CONTROL ->
                folder(environment)
                        .map(folder -> folder.resolve(fileName(config)))
                        .filter(path -> path.toString().length() <= MAX_BYTES);
            default -> Optional.of(Path.of(control));
        };
    }

    /** Two proxies of one user are told apart by where their first pools listen. */
    private static String fileName(ProxyConfig config) {
        ServerAddress first = config.pools().get(0).listen().address();
        return "sluice-" + Integer.toHexString(first.toString().hashCode()) + ".control";
    }

    /** systemd's folder for the service, the user's for the session, or one of our own under the temporary folder. */
    private static Optional<Path> folder(Map<String, String> environment) {
        for (String name : List.of("RUNTIME_DIRECTORY", "XDG_RUNTIME_DIR")) {
            String given = environment.getOrDefault(name, "");
            if (!given.isEmpty()) {
                return Optional.of(Path.of(given));
            }
        }
        Path own = Path.of(System.getProperty("java.io.tmpdir"), "sluice-" + System.getProperty("user.name"));
        try {
            if (!Files.exists(own, LinkOption.NOFOLLOW_LINKS)) {
                Files.createDirectory(
                        own, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
            return isOurs(own) ? Optional.of(own) : Optional.empty();
        } catch (IOException | UnsupportedOperationException e) {
            LoggerFactory.getLogger(ControlPath.class).debug("No folder for a control socket: path={}", own, e);
            return Optional.empty();
        }
    }

    /** Somebody else could have put it there to be asked in our place. */
    private static boolean isOurs(Path folder) throws IOException {
        PosixFileAttributes is = Files.readAttributes(folder, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        return is.isDirectory()
                && is.owner().getName().equals(System.getProperty("user.name"))
                && PosixFilePermissions.toString(is.permissions()).equals("rwx------");
    }
}
