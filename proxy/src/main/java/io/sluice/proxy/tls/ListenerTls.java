package io.sluice.proxy.tls;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How TLS is spoken to clients.
 *
 * @param certificate for clients that name no host, or one that is not listed
 * @param byName for clients that name this host (SNI); {@code *.example.com} stands for one label more
 * @param ca who signs the certificates of clients; null only if they are not asked
 * @param handshakeTimeout from connecting, or from the end of the PROXY header, to the end of the handshake
 * @param maxHandshakes under way on one event loop; then it accepts no further clients until one has ended
 */
public record ListenerTls(
        CertificateFiles certificate,
        Map<String, CertificateFiles> byName,
        @Nullable Path ca,
        ClientCertificates clientCertificates,
        Duration handshakeTimeout,
        int maxHandshakes) {

    public static final Duration DEFAULT_HANDSHAKE_TIMEOUT = Duration.ofSeconds(10);
    public static final int DEFAULT_MAX_HANDSHAKES = 256;

    public ListenerTls {
        byName = Map.copyOf(byName);
    }

    /** All files that it is made of. */
    public List<Path> files() {
        List<Path> files = new ArrayList<>(certificate.all());
        byName.values().forEach(named -> files.addAll(named.all()));
        if (ca != null) {
            files.add(ca);
        }
        return files;
    }
}
