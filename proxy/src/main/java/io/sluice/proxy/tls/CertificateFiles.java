package io.sluice.proxy.tls;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where somebody's certificate and private key are, as PEM.
 *
 * @param certificate the certificate itself, then those that lead from it to its authority
 * @param key PKCS#8, encrypted or not, or RSA's older PKCS#1
 * @param keyPasswordFile whose first line is the password of an encrypted key; null for none
 */
public record CertificateFiles(
        Path certificate, Path key, @Nullable Path keyPasswordFile) {

    List<Path> all() {
        List<Path> files = new ArrayList<>(List.of(certificate, key));
        if (keyPasswordFile != null) {
            files.add(keyPasswordFile);
        }
        return files;
    }
}
