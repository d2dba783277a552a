package io.sluice.proxy.tls;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How TLS is spoken to the servers of a pool.
 *
 * @param ca who signs their certificates; null for the authorities that the JVM knows
 * @param certificate what the proxy shows to servers that ask; null for none
 * @param serverName whom their certificates must name, and what is asked for by SNI; null for the host of each address
 * @param verify whether their certificates are looked at; without, anybody can stand between
 */
public record ServerTls(
        @Nullable Path ca,
        @Nullable CertificateFiles certificate,
        @Nullable String serverName,
        boolean verify) {

    /** All files that it is made of. */
    public List<Path> files() {
        List<Path> files = new ArrayList<>();
        if (ca != null) {
            files.add(ca);
        }
        if (certificate != null) {
            files.addAll(certificate.all());
        }
        return files;
    }
}
